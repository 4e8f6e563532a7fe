/** Where one is in set-up. */
import type { ReactElement } from "react";
import { Steps } from "../elements/steps.tsx";
import { texts } from "./texts.ts";

const words = texts.setup;

export const SetupSteps = ({ at }: { at: number }): ReactElement => (
  <Steps label={words.stepsLabel} names={words.steps} at={at} />
);
