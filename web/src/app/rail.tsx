// The ways around on wide screens: a rail on the left that folds to its signs.
import { Link, useRouterState } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useFleetCounts } from "../api/agents";
import { useWaiting } from "../api/requests";
import { cx } from "../ui/cx";
import { count } from "../ui/format";
import { type Place, usePlaces } from "./nav";
import { PLACE_ICON } from "./place-icon";

export function useActive(): (to: Place["to"]) => boolean {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (to) => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`));
}

function Badge({ to, folded }: { to: Place["to"]; folded: boolean }) {
  const counts = useFleetCounts();
  const waiting = useWaiting();
  if (to === "/approvals" && waiting > 0) {
    return (
      <span
        className={cx(
          "min-w-[18px] rounded-full bg-accent px-1.5 text-center font-semibold text-2xs text-accent-ink leading-[18px]",
          folded ? "absolute top-0 right-0.5 scale-75" : "ml-auto",
        )}
      >
        {count(waiting)}
        <span className="sr-only"> waiting for your decision</span>
      </span>
    );
  }
  if (to !== "/agents" || counts.total === 0 || folded) return null;
  return <span className="ml-auto font-normal text-ink3 text-xs">{count(counts.total)}</span>;
}

function Trouble() {
  const counts = useFleetCounts();
  const wrong = counts.offline + counts.degraded;
  if (wrong === 0) return null;
  return (
    <Link
      to="/agents"
      search={{ status: "offline,degraded" }}
      className="mt-0.5 flex h-[27px] items-center rounded-lg pr-2.5 pl-[36px] text-ink2 hover:bg-hover hover:text-ink"
    >
      Needs attention <span className="ml-auto font-medium text-bad text-xs">{count(wrong)}</span>
    </Link>
  );
}

export function Rail({ folded, onFold }: { folded: boolean; onFold: () => void }) {
  const places = usePlaces();
  const active = useActive();
  let group = "";
  return (
    <nav aria-label="Main" className="flex min-h-0 flex-col border-line border-r bg-panel p-2.5 max-md:hidden">
      <div className="min-h-0 flex-1 overflow-y-auto">
        {places.map((place) => {
          const heading = place.group !== group && !folded ? place.group : "";
          const gap = place.group !== group;
          group = place.group;
          return (
            <div key={place.to}>
              {heading ? (
                <div className="mt-4 mb-1 px-2.5 font-semibold text-2xs text-ink3">{heading}</div>
              ) : (
                gap && <div className="mx-2 my-2 border-line border-t" />
              )}
              <Link
                to={place.to}
                title={folded ? place.name : undefined}
                aria-current={active(place.to) ? "page" : undefined}
                className={cx(
                  "relative flex h-[30px] items-center gap-2.5 rounded-lg px-2.5",
                  active(place.to) ? "bg-accent-soft font-semibold text-accent" : "text-ink2 hover:bg-hover hover:text-ink",
                )}
              >
                {PLACE_ICON[place.to]}
                <span className={folded ? "sr-only" : ""}>{place.name}</span>
                <Badge to={place.to} folded={folded} />
              </Link>
              {place.to === "/agents" && !folded && <Trouble />}
            </div>
          );
        })}
      </div>
      <button
        type="button"
        onClick={onFold}
        aria-label={folded ? "Unfold the menu" : "Fold the menu"}
        className="flex h-[30px] items-center gap-2.5 rounded-lg px-2.5 text-ink3 hover:bg-hover hover:text-ink"
      >
        {folded ? <PanelLeftOpen size={16} aria-hidden /> : <PanelLeftClose size={16} aria-hidden />}
        {!folded && <span>Fold</span>}
      </button>
    </nav>
  );
}
