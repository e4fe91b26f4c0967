// Has the server read a role while it is written: its Cedar text and what is wrong with it, a moment after the typing rests.
import { useEffect, useRef, useState } from "react";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { RoleForm } from "../../api/types";
import type { RoleProblem } from "./draft";

const REST_MS = 250;

export interface Checked {
  cedar: string;
  problems: readonly RoleProblem[];
  /** The check itself failed. */
  failure: string | null;
  /** A newer text is being checked. */
  busy: boolean;
}

export function useCheck(form: RoleForm, start: string, off: boolean): Checked {
  const [state, setState] = useState<Checked>({ cedar: start, problems: [], failure: null, busy: false });
  const text = JSON.stringify(form);
  const first = useRef(text);
  useEffect(() => {
    // What was just read from the server needs no check.
    if (off || (text === first.current && start !== "")) return;
    const end = new AbortController();
    setState((now) => ({ ...now, busy: true }));
    const timer = setTimeout(() => {
      const body = JSON.parse(text) as RoleForm;
      // A role without a name yet is checked under one that always fits.
      if (body.name === "") body.name = "unnamed";
      ask(api.POST("/api/v1/admin/roles/check", { body, signal: end.signal })).then(
        ({ cedar, problems }) => setState((now) => ({ cedar: cedar || now.cedar, problems, failure: null, busy: false })),
        (error: unknown) => {
          if (!end.signal.aborted) setState((now) => ({ ...now, failure: errorText(error), busy: false }));
        },
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [text, start, off]);
  return state;
}
