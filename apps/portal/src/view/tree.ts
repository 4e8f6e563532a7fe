/** What JSON and XML become before they are drawn: a tree of labels and texts. */

export interface TreeNode {
  /** The name of a field or element, or the number in a list. */
  readonly label: string;
  /** What stands beside the label: a value, or attributes. Null: nothing. */
  readonly value: string | null;
  readonly children: readonly TreeNode[];
  /** Elements and lists are counted where they are closed. */
  readonly kind: "list" | "group" | "leaf";
}

/** Why a text is not shown as a tree. */
export class NotATree extends Error {
  override name = "NotATree";
}

/** Levels within levels; readers recurse, and nothing that people write is nearly as deep. */
export const TREE_DEPTH_LIMIT = 200;
/** Nodes of one file. */
export const TREE_NODE_LIMIT = 500_000;

/** What `read` answers, or null where it finds that the text is not such a tree. */
export function treeOrNull<Root>(read: () => Root): Root | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotATree) return null;
    throw error;
  }
}
