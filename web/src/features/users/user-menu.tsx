// What can be done to a user, behind one button; each with its question.
import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, Link2, LockOpen, LogOut, Pencil, ShieldOff, Trash2, UserCheck, UserX } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useMe, whyNot } from "../../api/me";
import type { User } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Menu, MenuItem, MenuLine } from "../../ui/menu";
import { EditUser } from "./edit-user";
import { ResetLink } from "./reset-link";
import { SetPassword } from "./set-password";
import { called, isLocked } from "./words";

type Doing = "edit" | "password" | "link" | "disable" | "enable" | "unlock" | "sessions" | "factor" | "delete";

export function UserMenu({ user, onDeleted }: { user: User; onDeleted?: () => void }) {
  const me = useMe();
  const [doing, setDoing] = useState<Doing | null>(null);
  const own = me?.id === user.id;
  const on = { kind: "user", id: user.id, name: user.username };
  const why = (action: string) => whyNot(me, action, on);
  const item = (key: Doing) => () => setDoing(key);
  return (
    <>
      <Menu trigger={<Button look="ghost" aria-label={`More for ${user.username}`} icon={<Ellipsis size={16} aria-hidden />} />}>
        <MenuItem icon={<Pencil size={14} aria-hidden />} reason={why("user_update")} onClick={item("edit")}>
          Edit…
        </MenuItem>
        <MenuItem icon={<KeyRound size={14} aria-hidden />} reason={why("user_update")} onClick={item("password")}>
          Set a password…
        </MenuItem>
        <MenuItem icon={<Link2 size={14} aria-hidden />} reason={why("user_reset_link")} onClick={item("link")}>
          Make a reset link…
        </MenuItem>
        {isLocked(user) && (
          <MenuItem icon={<LockOpen size={14} aria-hidden />} reason={why("user_update")} onClick={item("unlock")}>
            Unlock…
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<LogOut size={14} aria-hidden />} reason={why("user_sessions_end")} onClick={item("sessions")}>
          End all sessions…
        </MenuItem>
        {user.second_factor && (
          <MenuItem icon={<ShieldOff size={14} aria-hidden />} reason={why("user_second_factor_reset")} onClick={item("factor")}>
            Reset the second factor…
          </MenuItem>
        )}
        <MenuLine />
        {user.active ? (
          <MenuItem
            icon={<UserX size={14} aria-hidden />}
            tone="bad"
            reason={own ? "You cannot disable yourself." : why("user_update")}
            onClick={item("disable")}
          >
            Disable…
          </MenuItem>
        ) : (
          <MenuItem icon={<UserCheck size={14} aria-hidden />} reason={why("user_update")} onClick={item("enable")}>
            Enable…
          </MenuItem>
        )}
        <MenuItem
          icon={<Trash2 size={14} aria-hidden />}
          tone="bad"
          reason={own ? "You cannot delete yourself." : why("user_delete")}
          onClick={item("delete")}
        >
          Delete…
        </MenuItem>
      </Menu>
      {doing && <Doings doing={doing} user={user} onClose={() => setDoing(null)} onDeleted={onDeleted} />}
    </>
  );
}

interface DoingsProps {
  doing: Doing;
  user: User;
  onClose: () => void;
  onDeleted: (() => void) | undefined;
}

function Doings({ doing, user, onClose, onDeleted }: DoingsProps) {
  const queries = useQueryClient();
  const params = { path: { id: user.id } };
  const fresh = () => Promise.all(["users", "user", "user-sessions"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const name = called(user);
  const update = (body: { active?: boolean; unlock?: boolean }) => async () => {
    await ask(api.PATCH("/api/v1/admin/users/{id}", { params, body }));
    await fresh();
  };
  const denial = (action: string) => ({ action, on: { kind: "user", id: user.id, name: user.username } });
  switch (doing) {
    case "edit":
      return <EditUser user={user} onClose={onClose} />;
    case "password":
      return <SetPassword user={user} onClose={onClose} />;
    case "link":
      return <ResetLink user={user} onClose={onClose} />;
    case "unlock":
      return (
        <Confirm
          title={`Unlock ${name}?`}
          verb="Unlock"
          calm
          denial={denial("user_update")}
          onGo={update({ unlock: true })}
          onClose={onClose}
        >
          Too many wrong tries locked the account. It can be logged in to again at once.
        </Confirm>
      );
    case "enable":
      return (
        <Confirm
          title={`Enable ${name}?`}
          verb="Enable"
          calm
          denial={denial("user_update")}
          onGo={update({ active: true })}
          onClose={onClose}
        >
          They can log in again, with the password and the roles they had.
        </Confirm>
      );
    case "disable":
      return (
        <Confirm
          title={`Disable ${name}?`}
          verb="Disable"
          denial={denial("user_update")}
          onGo={update({ active: false })}
          onClose={onClose}
        >
          All of their sessions end and they cannot log in, until somebody enables them again. Their tokens stop working.
        </Confirm>
      );
    case "sessions":
      return (
        <Confirm
          title={`End all sessions of ${name}?`}
          verb="End them"
          denial={denial("user_sessions_end")}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/users/{id}/sessions", { params }));
            await fresh();
          }}
          onClose={onClose}
        >
          They are logged out everywhere, and can log in again.
        </Confirm>
      );
    case "factor":
      return (
        <Confirm
          title={`Reset the second factor of ${name}?`}
          verb="Reset"
          denial={denial("user_second_factor_reset")}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/users/{id}/second-factor", { params }));
            await fresh();
          }}
          onClose={onClose}
        >
          Authenticator app, passkeys and recovery codes are forgotten. Be sure that it is really them who asked: until they set up a new
          one, the password alone opens the account.
        </Confirm>
      );
    case "delete":
      return (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete"
          type={user.username}
          denial={denial("user_delete")}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/users/{id}", { params }));
            onDeleted?.();
            await fresh();
          }}
          onClose={onClose}
        >
          The account, its sessions and its tokens are gone. What they did stays in the audit trail, and the user name stays reserved.
        </Confirm>
      );
  }
}
