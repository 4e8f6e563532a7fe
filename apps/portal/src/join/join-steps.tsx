/** Where one is while joining. */
import type { ReactElement } from "react";
import { Steps } from "../elements/steps.tsx";
import { texts } from "./texts.ts";

export const JoinSteps = ({ at }: { at: number }): ReactElement => (
  <Steps label={texts.stepsLabel} names={texts.steps} at={at} />
);
