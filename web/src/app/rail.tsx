// The ways around: a rail on the left, and on narrow screens a bar at the bottom.
import { Link, useRouterState } from "@tanstack/react-router";
import { Gauge, PanelLeftClose, PanelLeftOpen, ScrollText, Server, ShieldCheck, Users } from "lucide-react";
import type { ReactNode } from "react";
import { useFleetCounts } from "../api/agents";
import { cx } from "../ui/cx";
import { count } from "../ui/format";
import { type Place, usePlaces } from "./nav";

const ICONS: Record<Place["to"], ReactNode> = {
  "/": <Gauge size={16} aria-hidden />,
  "/agents": <Server size={16} aria-hidden />,
  "/logs": <ScrollText size={16} aria-hidden />,
  "/users": <Users size={16} aria-hidden />,
  "/audit": <ShieldCheck size={16} aria-hidden />,
};

function useActive(): (to: Place["to"]) => boolean {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (to) => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`));
}

function Badge({ to }: { to: Place["to"] }) {
  const counts = useFleetCounts();
  if (to !== "/agents" || counts.total === 0) return null;
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
      className="mt-0.5 flex h-[27px] items-center rounded-[7px] pr-2.5 pl-[36px] text-ink2 hover:bg-hover hover:text-ink"
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
                  "flex h-[30px] items-center gap-2.5 rounded-[7px] px-2.5",
                  active(place.to) ? "bg-accent-soft font-semibold text-accent" : "text-ink2 hover:bg-hover hover:text-ink",
                )}
              >
                {ICONS[place.to]}
                <span className={folded ? "sr-only" : ""}>{place.name}</span>
                {!folded && <Badge to={place.to} />}
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
        className="flex h-[30px] items-center gap-2.5 rounded-[7px] px-2.5 text-ink3 hover:bg-hover hover:text-ink"
      >
        {folded ? <PanelLeftOpen size={16} aria-hidden /> : <PanelLeftClose size={16} aria-hidden />}
        {!folded && <span>Fold</span>}
      </button>
    </nav>
  );
}

export function BottomBar() {
  const places = usePlaces();
  const active = useActive();
  const counts = useFleetCounts();
  const wrong = counts.offline + counts.degraded;
  return (
    <nav aria-label="Main" className="flex border-line border-t bg-panel pb-[env(safe-area-inset-bottom)] md:hidden">
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          aria-current={active(place.to) ? "page" : undefined}
          className={cx(
            "relative flex h-14 flex-1 flex-col items-center justify-center gap-1 text-2xs",
            active(place.to) ? "font-semibold text-accent" : "text-ink2",
          )}
        >
          {ICONS[place.to]}
          {place.name}
          {place.to === "/agents" && wrong > 0 && (
            <span className="absolute top-1.5 left-1/2 ml-2 min-w-4 rounded-full bg-bad-mark px-1 text-center font-semibold text-[10px] text-panel leading-4">
              <span className="sr-only">, needing attention: </span>
              {count(wrong)}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
