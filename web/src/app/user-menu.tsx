// Who is logged in, the theme, the account, and the way out.
import { useNavigate } from "@tanstack/react-router";
import { CircleUser, Hand, Keyboard, LogOut } from "lucide-react";
import { api } from "../api/client";
import { feedClear } from "../api/feed";
import { accessAsk, useMe, whyNot } from "../api/me";
import { preferencesChange } from "../api/preferences";
import { useLook } from "../ui/look";
import { Menu, MenuItem, MenuLine, MenuRadio } from "../ui/menu";

/** Ends the session here, and where the identity provider wants it, there too. */
async function logOut(): Promise<string | null> {
  // When the server is away the cookies stay, but this page forgets everything all the same.
  const answer = await api.POST("/api/v1/auth/logout").catch(() => undefined);
  feedClear();
  const said = answer?.data as { redirect?: string | null } | undefined;
  return said?.redirect ?? null;
}

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe();
  const theme = useLook((state) => state.look.theme);
  const navigate = useNavigate();
  const leave = async () => {
    const elsewhere = await logOut();
    if (elsewhere) location.assign(elsewhere);
    else await navigate({ to: "/login", search: {} });
  };
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`Account: ${me?.username ?? ""}`}
          className="grid size-7 place-items-center rounded-full bg-accent-soft font-semibold text-2xs text-accent uppercase max-md:size-9"
        >
          {me?.username.slice(0, 2)}
        </button>
      }
    >
      <div className="px-2.5 pt-2 pb-1.5">
        <div className="font-semibold">{me?.username}</div>
        <div className="text-ink3 text-xs">{me?.role}</div>
      </div>
      <MenuLine />
      <MenuItem icon={<CircleUser size={15} aria-hidden />} onClick={() => void navigate({ to: "/account", search: {} })}>
        Your account
      </MenuItem>
      <MenuItem icon={<Hand size={15} aria-hidden />} reason={whyNot(me, "access_request_create")} onClick={() => accessAsk({})}>
        Request access…
      </MenuItem>
      <MenuLine />
      <MenuRadio
        label="Theme"
        value={theme}
        onChange={(next) => void preferencesChange({ theme: next }).catch(() => undefined)}
        options={[
          ["light", "Light"],
          ["dark", "Dark"],
          ["system", "As the system"],
        ]}
      />
      <MenuLine />
      <MenuItem icon={<Keyboard size={15} aria-hidden />} onClick={onHelp}>
        Keyboard shortcuts
      </MenuItem>
      <MenuItem icon={<LogOut size={15} aria-hidden />} onClick={() => void leave()}>
        Log out
      </MenuItem>
    </Menu>
  );
}
