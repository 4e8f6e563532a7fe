/** The sign of the product: a shield that lets something through. */
import type { ReactElement } from "react";

export function Mark(): ReactElement {
  return (
    <svg
      width="26"
      height="26"
      viewBox="0 0 26 26"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M13 1.5 23 5v8c0 6-4.4 9.8-10 11.5C7.4 22.8 3 19 3 13V5z" />
      <path d="M7 13h9m-3.5-4 4 4-4 4" />
    </svg>
  );
}
