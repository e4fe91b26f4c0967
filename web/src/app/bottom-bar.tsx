// The ways around on narrow screens: the first places at the thumb, the others behind "More".
import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useFleetCounts } from "../api/agents";
import { useWaiting } from "../api/requests";
import { cx } from "../ui/cx";
import { Dialog } from "../ui/dialog";
import { count } from "../ui/format";
import { type Place, usePlaces } from "./nav";
import { PLACE_ICON } from "./place-icon";
import { useActive } from "./rail";

const AT_HAND: readonly Place["to"][] = ["/", "/agents", "/approvals", "/logs"];

function Dot({ value, says }: { value: number; says: string }) {
  if (value === 0) return null;
  return (
    <span className="absolute top-1.5 left-1/2 ml-2 min-w-4 rounded-full bg-bad-mark px-1 text-center font-semibold text-[10px] text-panel leading-4">
      <span className="sr-only">, {says}: </span>
      {count(value)}
    </span>
  );
}

const ITEM = "relative flex h-14 flex-1 flex-col items-center justify-center gap-1 text-2xs";

export function BottomBar() {
  const places = usePlaces();
  const active = useActive();
  const counts = useFleetCounts();
  const waiting = useWaiting();
  const [more, setMore] = useState(false);
  const rest = places.filter((place) => !AT_HAND.includes(place.to));
  return (
    <nav aria-label="Main" className="flex border-line border-t bg-panel pb-[env(safe-area-inset-bottom)] md:hidden">
      {places
        .filter((place) => AT_HAND.includes(place.to))
        .map((place) => (
          <Link
            key={place.to}
            to={place.to}
            aria-current={active(place.to) ? "page" : undefined}
            className={cx(ITEM, active(place.to) ? "font-semibold text-accent" : "text-ink2")}
          >
            {PLACE_ICON[place.to]}
            {place.name}
            {place.to === "/agents" && <Dot value={counts.offline + counts.degraded} says="needing attention" />}
            {place.to === "/approvals" && <Dot value={waiting} says="waiting for your decision" />}
          </Link>
        ))}
      {rest.length > 0 && (
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => setMore(true)}
          className={cx(ITEM, rest.some((place) => active(place.to)) ? "font-semibold text-accent" : "text-ink2")}
        >
          <Ellipsis size={16} aria-hidden />
          More
        </button>
      )}
      <Dialog open={more} onClose={() => setMore(false)} title="More">
        <ul className="grid grid-cols-2 gap-2">
          {rest.map((place) => (
            <li key={place.to}>
              <Link
                to={place.to}
                onClick={() => setMore(false)}
                aria-current={active(place.to) ? "page" : undefined}
                className={cx(
                  "flex h-12 items-center gap-3 rounded-lg border px-3.5",
                  active(place.to) ? "border-accent bg-accent-soft font-semibold text-accent" : "border-line hover:bg-hover",
                )}
              >
                {PLACE_ICON[place.to]}
                {place.name}
              </Link>
            </li>
          ))}
        </ul>
      </Dialog>
    </nav>
  );
}
