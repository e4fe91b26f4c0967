// My passkeys: each can be a second factor, and a login of its own.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fingerprint, Pencil, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Passkey } from "../../api/types";
import { passkeyFault, passkeyMake, passkeysSupported } from "../../api/webauthn";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { Row, Section } from "../../ui/section";
import { Empty } from "../../ui/states";
import { Ago } from "../../ui/time";

export function Passkeys({ passkeys }: { passkeys: readonly Passkey[] }) {
  const [adding, setAdding] = useState(false);
  const mayAdd = useWhyNot("me_passkey_begin");
  return (
    <Section
      title="Passkeys"
      about="Log in by fingerprint, face or a security key, without a password."
      action={
        <Button
          icon={<Plus size={15} aria-hidden />}
          reason={mayAdd ?? (passkeysSupported() ? null : "This browser knows no passkeys.")}
          onClick={() => setAdding(true)}
        >
          Add a passkey…
        </Button>
      }
    >
      {passkeys.length === 0 ? (
        <Empty icon={<Fingerprint size={18} aria-hidden />} title="No passkeys yet">
          Add one for each device you work on.
        </Empty>
      ) : (
        <ul>
          {passkeys.map((passkey) => (
            <Item key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {adding && <Add onClose={() => setAdding(false)} />}
    </Section>
  );
}

function useFresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["second-factor"] });
}

function Item({ passkey }: { passkey: Passkey }) {
  const [open, setOpen] = useState<"rename" | "remove" | null>(null);
  const fresh = useFresh();
  const mayRename = useWhyNot("me_passkey_rename");
  const mayRemove = useWhyNot("me_passkey_remove");
  const params = { path: { id: passkey.id } };
  return (
    <Row
      icon={<Fingerprint size={16} aria-hidden />}
      title={passkey.name}
      sub={
        <>
          added <Ago at={passkey.created_at} />,{" "}
          {passkey.last_used_at ? (
            <>
              used <Ago at={passkey.last_used_at} />
            </>
          ) : (
            "never used"
          )}
        </>
      }
    >
      <Button
        look="ghost"
        reason={mayRename}
        aria-label={`Rename ${passkey.name}`}
        icon={<Pencil size={14} aria-hidden />}
        onClick={() => setOpen("rename")}
      />
      <Button
        look="ghost"
        reason={mayRemove}
        aria-label={`Remove ${passkey.name}`}
        icon={<Trash2 size={14} aria-hidden />}
        onClick={() => setOpen("remove")}
      />
      {open === "rename" && (
        <Named
          title="Rename the passkey"
          verb="Rename"
          name={passkey.name}
          onGo={async (name) => {
            await ask(api.PATCH("/api/v1/me/passkeys/{id}", { params, body: { name } }));
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "remove" && (
        <Confirm
          title={`Remove ${passkey.name}?`}
          verb="Remove"
          onGo={async () => {
            await ask(api.DELETE("/api/v1/me/passkeys/{id}", { params }));
            await fresh();
          }}
          onClose={() => setOpen(null)}
        >
          It opens nothing here any more. Remove it from the device too.
        </Confirm>
      )}
    </Row>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  return (
    <Named
      title="Add a passkey"
      description="Your browser then asks where to keep it."
      verb="Add"
      name=""
      onGo={async (name) => {
        const { challenge, options } = await ask(api.POST("/api/v1/me/passkeys/begin"));
        const credential = await passkeyMake(options);
        await ask(api.POST("/api/v1/me/passkeys", { body: { challenge, name, credential } }));
      }}
      onClose={onClose}
    />
  );
}

interface NamedProps {
  title: string;
  description?: string;
  verb: string;
  name: string;
  onGo: (name: string) => Promise<void>;
  onClose: () => void;
}

function Named({ title, description, verb, name: first, onGo, onClose }: NamedProps) {
  const fresh = useFresh();
  const [name, setName] = useState(first);
  const go = useMutation({
    mutationFn: () => onGo(name.trim()),
    onSuccess: () => {
      onClose();
      return fresh();
    },
  });
  const fault = go.error ? passkeyFault(go.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && !go.isPending) go.mutate();
  };
  return (
    <FormDialog
      title={title}
      description={description}
      verb={verb}
      busy={go.isPending}
      failure={fault ? new Error(fault) : go.error}
      reason={name.trim() ? null : "Give it a name first."}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label="Name"
        placeholder="Laptop, phone, blue key…"
        maxLength={64}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </FormDialog>
  );
}
