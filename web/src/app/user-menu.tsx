// Who is logged in, the theme, and the way out.
import { useNavigate } from "@tanstack/react-router";
import { Keyboard, LogOut } from "lucide-react";
import { api } from "../api/client";
import { feedClear } from "../api/feed";
import { useMe } from "../api/me";
import { Menu, MenuItem, MenuLine, MenuRadio } from "../ui/menu";
import { useTheme } from "./theme";

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe();
  const { wish, choose } = useTheme();
  const navigate = useNavigate();
  const logout = async () => {
    // When the server is away the cookies stay, but this page forgets everything all the same.
    await api.POST("/api/v1/auth/logout").catch(() => undefined);
    feedClear();
    await navigate({ to: "/login", search: {} });
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
      <MenuRadio
        label="Theme"
        value={wish}
        onChange={choose}
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
      <MenuItem icon={<LogOut size={15} aria-hidden />} onClick={() => void logout()}>
        Log out
      </MenuItem>
    </Menu>
  );
}
