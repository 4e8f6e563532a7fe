/** A tree that opens level by level: only what is open is drawn, and of a long list a hundred entries at a time. */
import { type ReactElement, useState } from "react";
import { count } from "../elements/words.ts";
import { texts } from "./texts.ts";
import type { TreeNode } from "./tree.ts";

const STEP = 100;
/** Characters of one value that are shown: an attachment within is megabytes of base64. */
const VALUE_LIMIT = 5000;
/** A node with few entries is open from the beginning, down to this level. */
const OPEN_DEPTH = 3;
const OPEN_ENTRIES = 30;

export function TreeView({ root }: { root: TreeNode }): ReactElement {
  return (
    <div className="tree">
      <TreeEntry node={root.label === "" ? { ...root, label: texts.tree.whole } : root} depth={0} />
    </div>
  );
}

function TreeEntry({ node, depth }: { node: TreeNode; depth: number }): ReactElement {
  const [isOpen, setOpen] = useState(depth === 0 || (depth < OPEN_DEPTH && node.children.length <= OPEN_ENTRIES));
  const value = node.value !== null && node.value !== "" && <TreeValue value={node.value} />;
  if (node.kind === "leaf") {
    return (
      <p className="tree-leaf">
        {node.label !== "" && <span className="tree-label">{node.label}</span>} {value}
      </p>
    );
  }
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="tree-label">{node.label}</span> {value}
        <span className="soft small">{texts.tree.items(node.children.length)}</span>
      </summary>
      {isOpen && <TreeChildren nodes={node.children} depth={depth + 1} />}
    </details>
  );
}

function TreeChildren({ nodes, depth }: { nodes: readonly TreeNode[]; depth: number }): ReactElement {
  const [shown, setShown] = useState(STEP);
  const left = nodes.length - shown;
  return (
    <div className="tree-children">
      {nodes.slice(0, shown).map((node, index) => (
        // The entries of one file never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <TreeEntry key={index} node={node} depth={depth} />
      ))}
      {left > 0 && (
        <button type="button" className="button quiet small" onClick={() => setShown(shown + STEP)}>
          {texts.tree.more(count(Math.min(left, STEP)))}
        </button>
      )}
    </div>
  );
}

function TreeValue({ value }: { value: string }): ReactElement {
  return (
    <span className="tree-value">
      {value.slice(0, VALUE_LIMIT)}
      {value.length > VALUE_LIMIT && "…"}
    </span>
  );
}
