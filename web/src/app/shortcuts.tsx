// Keys that work on every view, and the dialog that lists them all.
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/page";
import { usePlaces } from "./nav";

/** Whether a key press belongs to what is being typed. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLInputElement>("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

export function useShortcuts(open: { palette: () => void; help: () => void }): void {
  const navigate = useNavigate();
  const places = usePlaces();
  const afterG = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open.palette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('[role="dialog"],[role="menu"]'))
        return;
      if (event.key === "?") open.help();
      else if (event.key === "/") focusSearch(event);
      else if (event.key === "g") afterG.current = event.timeStamp;
      else if (event.timeStamp - afterG.current < 1_200) {
        const place = places.find((each) => each.key === event.key);
        if (place) void navigate({ to: place.to, search: {} });
        afterG.current = 0;
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [open, navigate, places]);
}

const LISTS: [string, [string[], string][]][] = [
  [
    "Everywhere",
    [
      [["Ctrl", "K"], "Search or run anything"],
      [["/"], "Search this list"],
      [["?"], "This help"],
    ],
  ],
  [
    "In the table of agents",
    [
      [["j"], "Next row (or ↓)"],
      [["k"], "Previous row (or ↑)"],
      [["Enter"], "Open beside the table, once more for the full page"],
      [["x"], "Select the row (or Space)"],
      [["Ctrl", "A"], "Select all that match"],
      [["Esc"], "Clear the selection, close the panel"],
      [["r"], "Restart the selected agents"],
    ],
  ],
];

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const body = useRef<HTMLDivElement>(null);
  const places = usePlaces();
  const lists: [string, [string[], string][]][] = [
    ...LISTS,
    ["Go to", places.map((place) => [["g", place.key], place.name] as [string[], string])],
  ];
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" focus={body}>
      <div ref={body} tabIndex={-1} className="outline-none">
        {lists.map(([title, keys]) => (
          <section key={title} className="mb-4 last:mb-0">
            <h3 className="mb-1 font-semibold text-ink3 text-xs">{title}</h3>
            <dl>
              {keys.map(([combo, what]) => (
                <div key={what} className="flex h-8 items-center border-line2 border-b last:border-0">
                  <dt>{what}</dt>
                  <dd className="ml-auto flex gap-1">
                    {combo.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
