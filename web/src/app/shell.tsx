// The frame around every view: top bar, rail, the strip of actions under way, and the dialogs that any view may open.
import { Tooltip } from "@base-ui/react/tooltip";
import { Link, Outlet, useNavigate, useSearch } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { live } from "../api/feed";
import { ActionDialog } from "../features/actions/action-dialog";
import { ActionStrip } from "../features/actions/action-strip";
import { Brand } from "../ui/brand";
import { Kbd } from "../ui/page";
import { Connection, LossBanner } from "./connection";
import { BottomBar, Rail } from "./rail";
import { Help, useShortcuts } from "./shortcuts";
import { UserMenu } from "./user-menu";

const Palette = lazy(() => import("./palette").then((module) => ({ default: module.Palette })));
const JoinDialog = lazy(() => import("../features/join/join-dialog").then((module) => ({ default: module.JoinDialog })));

function useFolded(): [boolean, () => void] {
  const [folded, setFolded] = useState(() => {
    try {
      return localStorage.getItem("mc.folded") === "1";
    } catch {
      return false;
    }
  });
  const toggle = () => {
    try {
      localStorage.setItem("mc.folded", folded ? "0" : "1");
    } catch {
      // Without storage the rail is as wide as ever on the next visit.
    }
    setFolded(!folded);
  };
  return [folded, toggle];
}

export function Shell() {
  const [folded, fold] = useFolded();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const { join } = useSearch({ strict: false });
  const navigate = useNavigate();
  useEffect(() => {
    live.start();
  }, []);
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
          <Link to="/" aria-label="Mission Control, to the overview" className="rounded-md md:w-[200px]">
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
        <BottomBar />
      </div>
      <ActionDialog />
      <Help open={help} onClose={() => setHelp(false)} />
      <Suspense>
        {palette && <Palette onClose={() => setPalette(false)} />}
        {join && <JoinDialog onClose={() => void navigate({ to: ".", search: (all) => ({ ...all, join: undefined }), replace: true })} />}
      </Suspense>
    </Tooltip.Provider>
  );
}
