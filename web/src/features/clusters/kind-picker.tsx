// Which kind of objects is looked at: a column of all of them where there is room, else a button with the same list behind it.
import { Popover } from "@base-ui/react/popover";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { kindFind } from "../../api/kube/discovery";
import type { Kind } from "../../api/kube/types";
import { cx } from "../../ui/cx";
import { INPUT } from "../../ui/field";
import { type KindGroup, kindGroups, kindTitle } from "./kind-groups";

interface PickProps {
  kinds: readonly Kind[];
  chosen: Kind | undefined;
  onChoose: (kind: Kind) => void;
}

function fits(kind: Kind, q: string): boolean {
  const low = q.toLowerCase();
  return `${kind.id} ${kind.kind}`.toLowerCase().includes(low) || kindTitle(kind).toLowerCase().includes(low) || kind.short.includes(low);
}

function narrowed(groups: readonly KindGroup[], q: string): KindGroup[] {
  return groups.flatMap(({ name, kinds }) => {
    const found = kinds.filter((kind) => fits(kind, q));
    return found.length > 0 ? [{ name, kinds: found }] : [];
  });
}

function KindList({ kinds, chosen, onChoose }: PickProps) {
  const [q, setQ] = useState("");
  const groups = narrowed(kindGroups(kinds), q.trim());
  return (
    <>
      <input
        type="search"
        value={q}
        onChange={(event) => setQ(event.target.value)}
        onKeyDown={(event) => {
          const first = kindFind(kinds, q.trim()) ?? groups[0]?.kinds[0];
          if (event.key !== "Enter" || !first) return;
          onChoose(first);
          setQ("");
        }}
        aria-label="Find a kind"
        placeholder="Find a kind: po, deploy"
        className={cx(INPUT, "h-8 w-full shrink-0 max-md:h-10 max-md:text-base [&::-webkit-search-cancel-button]:hidden")}
      />
      <nav aria-label="Kinds" className="mt-1 min-h-0 flex-1 overflow-y-auto">
        {groups.length === 0 && <div className="px-2.5 py-3 text-ink3">No kind is called that.</div>}
        {groups.map((group) => (
          <section key={group.name} aria-label={group.name}>
            <h2 className="mt-2.5 mb-0.5 truncate px-2.5 font-semibold text-2xs text-ink3" title={group.name}>
              {group.name}
            </h2>
            {group.kinds.map((kind) => (
              <button
                key={kind.id}
                type="button"
                title={kind.id}
                aria-current={kind.id === chosen?.id ? "true" : undefined}
                onClick={() => onChoose(kind)}
                className={cx(
                  "block h-7 w-full truncate rounded-lg px-2.5 text-left max-md:h-10",
                  kind.id === chosen?.id ? "bg-accent-soft font-semibold text-accent" : "text-ink2 hover:bg-hover hover:text-ink",
                )}
              >
                {kindTitle(kind)}
              </button>
            ))}
          </section>
        ))}
      </nav>
    </>
  );
}

export function KindColumn(props: PickProps) {
  return (
    <aside aria-label="Kinds of objects" className="flex min-h-0 flex-col border-line border-r bg-panel p-2.5">
      <KindList {...props} />
    </aside>
  );
}

export function KindButton({ kinds, chosen, onChoose }: PickProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        aria-label={`Kind: ${chosen ? kindTitle(chosen) : "none"}`}
        className="inline-flex h-8 max-w-56 items-center gap-1.5 whitespace-nowrap rounded-lg border border-line bg-raise px-3 font-semibold hover:border-edge max-md:h-10"
      >
        <span className="truncate">{chosen ? kindTitle(chosen) : "Kind"}</span>
        <ChevronDown size={13} aria-hidden className="shrink-0 opacity-70" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className="z-50">
          <Popover.Popup
            aria-label="Kinds"
            className="pop flex h-[60vh] w-64 flex-col rounded-xl border border-line bg-panel p-2 shadow-pop outline-none"
          >
            <KindList
              kinds={kinds}
              chosen={chosen}
              onChoose={(kind) => {
                setOpen(false);
                onChoose(kind);
              }}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
