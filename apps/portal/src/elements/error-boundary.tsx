/** A mistake of ours shows words and a way on, not an empty page. */
import { Component, type ReactNode } from "react";
import { Notice } from "./notice.tsx";
import { Page, PageHeading } from "./page.tsx";
import { texts } from "./texts.ts";

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Page home={null} narrow>
        <div className="stack">
          <PageHeading heading={texts.problemHeading} failed />
          <Notice tone="bad">
            <p>{texts.unexpected}</p>
          </Notice>
        </div>
      </Page>
    );
  }
}
