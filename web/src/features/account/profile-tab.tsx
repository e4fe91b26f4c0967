// Who I am here: the name shown, the e-mail address and whether it is known to be mine, and the roles I have.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { accessAsk, useWhyNot } from "../../api/me";
import { errorText } from "../../api/problem";
import { profileQuery } from "../../api/queries";
import type { Profile } from "../../api/types";
import { Avatar } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { Facts } from "../../ui/facts";
import { TextField } from "../../ui/field";
import { Row, Section } from "../../ui/section";
import { Failed, Notice, SkeletonRows } from "../../ui/states";
import { Chip } from "../../ui/status";
import { Ago, exact } from "../../ui/time";

export function ProfileTab() {
  const profile = useQuery(profileQuery);
  if (profile.isPending) return <SkeletonRows rows={5} />;
  if (!profile.data) return <Failed error={profile.error} what="Your profile could not be read" onRetry={() => void profile.refetch()} />;
  return (
    <div className="flex flex-col gap-4">
      <Names key={profile.data.id} profile={profile.data} />
      <Roles profile={profile.data} />
    </div>
  );
}

interface Form {
  display_name: string;
  email: string;
}

function Names({ profile }: { profile: Profile }) {
  const queries = useQueryClient();
  const mayUpdate = useWhyNot("me_update");
  const { register, handleSubmit, reset, formState } = useForm<Form>({
    values: { display_name: profile.display_name, email: profile.email ?? "" },
    mode: "onTouched",
  });
  const save = useMutation({
    mutationFn: (form: Form) =>
      ask(api.PATCH("/api/v1/me", { body: { display_name: form.display_name.trim(), email: form.email.trim() } })),
    onSuccess: (fresh) => {
      queries.setQueryData(profileQuery.queryKey, fresh);
      reset({ display_name: fresh.display_name, email: fresh.email ?? "" });
    },
  });
  return (
    <Section title={<Head profile={profile} />}>
      <form onSubmit={handleSubmit((form) => save.mutate(form))} className="flex flex-col gap-4 p-4" noValidate>
        {save.isError && <Notice tone="bad">{errorText(save.error)}</Notice>}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Name shown"
            autoComplete="name"
            maxLength={80}
            placeholder={profile.username}
            error={formState.errors.display_name?.message}
            {...register("display_name")}
          />
          <div>
            <TextField
              label="E-mail address"
              type="email"
              autoComplete="email"
              error={formState.errors.email?.message}
              {...register("email", { validate: (value) => value === "" || /.@./.test(value) || "This is no e-mail address." })}
            />
            <Verification profile={profile} />
          </div>
        </div>
        <div className="flex items-center gap-3">
          <Button
            type="submit"
            look="primary"
            busy={save.isPending}
            reason={mayUpdate ?? (formState.isDirty ? null : "Nothing has changed.")}
          >
            Save
          </Button>
          {save.isSuccess && !formState.isDirty && (
            <span role="status" className="text-ok">
              Saved
            </span>
          )}
        </div>
      </form>
      <div className="border-line2 border-t p-4">
        <Facts
          list={[
            ["User name", profile.username],
            ["Here since", exact(profile.created_at)],
            ["Last login", profile.last_login_at && <Ago key="at" at={profile.last_login_at} />],
          ]}
        />
      </div>
    </Section>
  );
}

function Head({ profile }: { profile: Profile }) {
  return (
    <span className="flex items-center gap-3">
      <Avatar name={profile.display_name || profile.username} size="lg" />
      <span>
        <span className="block">{profile.display_name || profile.username}</span>
        <span className="block font-normal text-ink3 text-xs">{profile.role}</span>
      </span>
    </span>
  );
}

function Verification({ profile }: { profile: Profile }) {
  const mayVerify = useWhyNot("me_email_verify");
  const send = useMutation({ mutationFn: () => ask(api.POST("/api/v1/me/email/verify")) });
  if (!profile.email) return <p className="mt-1 text-ink3 text-xs">With one you can set a new password by yourself.</p>;
  if (profile.email_verified) {
    return (
      <div className="mt-1.5">
        <Chip tone="ok">Verified</Chip>
      </div>
    );
  }
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-2">
      <Chip tone="warn">Not verified</Chip>
      {send.isSuccess ? (
        <span role="status" className="text-ink2 text-xs">
          A link was sent to {profile.email}.
        </span>
      ) : (
        <Button size="sm" look="ghost" reason={mayVerify} busy={send.isPending} onClick={() => send.mutate()}>
          Send the link
        </Button>
      )}
      {send.isError && <span className="text-bad text-xs">{errorText(send.error)}</span>}
    </div>
  );
}

const SOURCE: Record<string, string> = { account: "your own", assignment: "given to you" };

function Roles({ profile }: { profile: Profile }) {
  const mayAsk = useWhyNot("access_request_create");
  return (
    <Section
      title="Roles"
      about="What you may do is what these allow together."
      action={
        <Button reason={mayAsk} onClick={() => accessAsk({})}>
          Request access…
        </Button>
      }
    >
      <ul>
        {profile.roles.map((each) => (
          <Row key={`${each.role} ${each.source}`} title={each.role} sub={SOURCE[each.source] ?? `by the group ${each.source}`}>
            {each.expires_at ? (
              <span className="text-ink2">
                ends <Ago at={each.expires_at} />
              </span>
            ) : (
              <span className="text-ink3">no end</span>
            )}
          </Row>
        ))}
      </ul>
    </Section>
  );
}
