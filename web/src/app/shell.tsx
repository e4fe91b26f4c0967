// The frame around every view: top bar, rail, the strip of actions under way, and the dialogs that any view may open.
import { Tooltip } from "@base-ui/react/tooltip";
import { Link, Outlet, useNavigate, useSearch } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { agentsLoad } from "../api/agents";
import { live } from "../api/feed";
import { useAccessWish, useMay, useWhyAsked } from "../api/me";
import { preferencesChange, usePreferencesShown } from "../api/preferences";
import { useStepUp } from "../api/step-up";
import { ActionDialog } from "../features/actions/action-dialog";
import { ActionStrip } from "../features/actions/action-strip";
import { Brand } from "../ui/brand";
import { useLook } from "../ui/look";
import { Kbd } from "../ui/page";
import { BottomBar } from "./bottom-bar";
import { Connection, LossBanner } from "./connection";
import { Dock } from "./dock";
import { Rail } from "./rail";
import { Help, useShortcuts } from "./shortcuts";
import { UserMenu } from "./user-menu";

const Palette = lazy(() => import("./palette").then((module) => ({ default: module.Palette })));
const JoinDialog = lazy(() => import("../features/join/join-dialog").then((module) => ({ default: module.JoinDialog })));

const WhyPopover = lazy(() => import("../features/approvals/why-popover").then((module) => ({ default: module.WhyPopover })));
const RequestDialog = lazy(() => import("../features/approvals/request-dialog").then((module) => ({ default: module.RequestDialog })));
const StepUpDialog = lazy(() => import("../features/identity/step-up-dialog").then((module) => ({ default: module.StepUpDialog })));

function useFolded(): [boolean, () => void] {
  const folded = useLook((state) => state.look.sidebar === "collapsed");
  return [folded, () => void preferencesChange({ sidebar: folded ? "expanded" : "collapsed" }).catch(() => undefined)];
}

/** Dialogs that any view may call for; each is loaded when it is first wanted. */
function OnCall() {
  const why = useWhyAsked();
  const wish = useAccessWish();
  const stepUp = useStepUp();
  return (
    <Suspense>
      {why && <WhyPopover denial={why.denial} rect={why.rect} />}
      {wish && <RequestDialog wish={wish} />}
      {stepUp && <StepUpDialog onDone={stepUp} />}
    </Suspense>
  );
}

export function Shell() {
  usePreferencesShown();
  const [folded, fold] = useFolded();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const { join } = useSearch({ strict: false });
  const navigate = useNavigate();
  const mayFollow = useMay("event_follow");
  const mayList = useMay("agent_list");
  useEffect(() => {
    if (mayFollow) live.start();
    else {
      live.stop();
      // What the feed would have had read is read once.
      if (mayList) void agentsLoad();
    }
  }, [mayFollow, mayList]);
  const open = useMemo(() => ({ palette: () => setPalette(true), help: () => setHelp(true) }), []);
  useShortcuts(open);
  return (
    <Tooltip.Provider>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-60 focus:rounded-lg focus:bg-panel focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <div className="flex h-dvh flex-col">
        <header className="flex h-[52px] shrink-0 items-center gap-3 border-line border-b bg-panel px-4 max-md:px-3.5">
          <Link to="/" aria-label="Mission Control, to the overview" className="flex items-center rounded-md md:w-[200px]">
            <Brand />
          </Link>
          <button
            type="button"
            onClick={open.palette}
            aria-label="Search or run anything"
            className="flex h-8 items-center gap-2 rounded-lg border border-line bg-bg px-2.5 text-ink3 hover:border-edge max-md:ml-auto max-md:size-9 max-md:justify-center max-md:border-0 max-md:bg-transparent max-md:px-0 md:w-[420px] md:shrink"
          >
            <Search size={15} aria-hidden />
            <span className="max-md:hidden">Search or run anything</span>
            <span className="ml-auto max-md:hidden">
              <Kbd>Ctrl K</Kbd>
            </span>
          </button>
          <div className="flex items-center gap-2 md:ml-auto">
            <Connection />
            <UserMenu onHelp={open.help} />
          </div>
        </header>
        <LossBanner />
        <div className={`grid min-h-0 flex-1 ${folded ? "md:grid-cols-[57px_1fr]" : "md:grid-cols-[216px_1fr]"}`}>
          <Rail folded={folded} onFold={fold} />
          <main id="main" tabIndex={-1} className="min-h-0 min-w-0 outline-none">
            <Outlet />
          </main>
        </div>
        <ActionStrip />
        <Dock />
        <BottomBar />
      </div>
      <ActionDialog />
      <OnCall />
      <Help open={help} onClose={() => setHelp(false)} />
      <Suspense>
        {palette && <Palette onClose={() => setPalette(false)} />}
        {join && <JoinDialog onClose={() => void navigate({ to: ".", search: (all) => ({ ...all, join: undefined }), replace: true })} />}
      </Suspense>
    </Tooltip.Provider>
  );
}
