// Proving again who is there, asked for by the server before something weighty. Whoever sends the request waits here; the dialog of the
// shell answers. Several requests at once share one dialog.
import { create } from "zustand";

interface Wait {
  promise: Promise<boolean>;
  answer: (proved: boolean) => void;
}

export const useStepUpState = create<{ wait: Wait | null }>(() => ({ wait: null }));

/** Opens the dialog; true once the person has proved who they are, false when they gave up. */
export function stepUpAsk(): Promise<boolean> {
  const known = useStepUpState.getState().wait;
  if (known) return known.promise;
  let answer: (proved: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((done) => {
    answer = (proved) => {
      useStepUpState.setState({ wait: null });
      done(proved);
    };
  });
  useStepUpState.setState({ wait: { promise, answer } });
  return promise;
}

/** What the dialog calls with the outcome; null while nobody waits. */
export function useStepUp(): ((proved: boolean) => void) | null {
  return useStepUpState((state) => state.wait?.answer ?? null);
}
