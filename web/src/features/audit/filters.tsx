// What narrows the trail: words, result, action and time; and what was picked from an entry.
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useMemo } from "react";
import { actionsQuery } from "../../api/queries";
import type { Search } from "../../api/url";
import { Facet } from "../../ui/facet";
import { SearchBox } from "../../ui/search-box";
import { actionWords } from "../../ui/status";
import { SPANS } from "./filter";

/** Entries that are not actions of the interface. */
const HAPPENINGS = ["login", "login_failed", "logout", "agent_connect", "agent_disconnect"];

const RESULTS = [
  { value: "ok", text: "Done" },
  { value: "failed", text: "Failed" },
  { value: "denied", text: "Denied" },
  { value: "started", text: "Started" },
];

export function Filters({ search, onChange }: { search: Search; onChange: (part: Partial<Search>) => void }) {
  const { q, actor, action, result, agent, range } = search;
  const actions = useQuery(actionsQuery).data?.items;
  const offered = useMemo(
    () => [...HAPPENINGS, ...(actions ?? []).map((each) => each.name)].map((value) => ({ value, text: actionWords(value) })),
    [actions],
  );
  return (
    <div className="mt-3.5 mb-3 flex flex-wrap items-center gap-2">
      <SearchBox
        value={q ?? ""}
        onChange={(next) => onChange({ q: next || undefined })}
        label="Search the audit trail"
        placeholder="Anything in an entry"
        className="w-56 shrink-0 max-md:w-full"
        waitMs={300}
      />
      <Facet label="Result" single options={RESULTS} chosen={result ? [result] : []} onChange={([next]) => onChange({ result: next })} />
      <Facet label="What" single options={offered} chosen={action ? [action] : []} onChange={([next]) => onChange({ action: next })} />
      <Facet
        label="When"
        single
        options={SPANS.map(([value, text]) => ({ value, text }))}
        chosen={range ? [range] : []}
        onChange={([next]) => onChange({ range: next })}
      />
      {actor && <Chosen text={`Who: ${actor}`} onClear={() => onChange({ actor: undefined })} />}
      {agent && <Chosen text={`Agent: ${agent}`} onClear={() => onChange({ agent: undefined })} />}
    </div>
  );
}

function Chosen({ text, onClear }: { text: string; onClear: () => void }) {
  return (
    <span className="inline-flex h-7 items-center gap-1 whitespace-nowrap rounded-full border border-accent bg-accent-soft pr-1 pl-3 text-accent max-md:h-9">
      {text}
      <button
        type="button"
        aria-label={`Clear ${text}`}
        onClick={onClear}
        className="grid size-5 place-items-center rounded-full hover:bg-panel"
      >
        <X size={12} aria-hidden />
      </button>
    </span>
  );
}
