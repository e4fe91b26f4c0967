// Renames an agent and changes its tags.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import { agentQuery } from "../../api/queries";
import type { Agent } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { agentNameFault, tagsFault, tagsOf } from "../../ui/names";
import { Notice } from "../../ui/states";

interface Form {
  name: string;
  tags: string;
}

export function EditDialog({ agent, onClose, onRenamed }: { agent: Agent; onClose: () => void; onRenamed: (name: string) => void }) {
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, formState } = useForm<Form>({ defaultValues: { name: agent.name, tags: agent.tags.join(" ") } });
  const submit = handleSubmit(async ({ name, tags }) => {
    setFailure(null);
    try {
      const detail = await ask(
        api.PATCH("/api/v1/agents/{id}", { params: { path: { id: agent.id } }, body: { name, tags: tagsOf(tags) } }),
      );
      queries.setQueryData(agentQuery(detail.name).queryKey, detail);
      if (detail.name !== agent.name) onRenamed(detail.name);
      onClose();
    } catch (error) {
      setFailure(error);
    }
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Edit ${agent.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={formState.isSubmitting} onClick={() => void submit()}>
            Save
          </Button>
        </>
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        <TextField
          label="Name"
          spellCheck={false}
          autoCapitalize="none"
          error={formState.errors.name?.message}
          {...register("name", { validate: (name) => agentNameFault(name) ?? true })}
        />
        <TextField
          label="Tags"
          spellCheck={false}
          autoCapitalize="none"
          hint="Separated by spaces, as in: prod team:payments"
          error={formState.errors.tags?.message}
          {...register("tags", { validate: (tags) => tagsFault(tags) ?? true })}
        />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
