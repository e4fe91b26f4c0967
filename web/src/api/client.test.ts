import { afterEach, describe, expect, it, vi } from "vitest";
import { sessionFetch } from "./client";
import { stepUpAsk } from "./step-up";
import { bytesOf, textOf } from "./webauthn";

const URL_ = "https://mc.test/api/v1/admin/users/7";

function refusal(status: number, code: string): Response {
  return new Response(JSON.stringify({ code, status }), { status, headers: { "content-type": "application/problem+json" } });
}

/** Answers one after the other; each request's body is kept. */
function answers(...list: Response[]): string[] {
  const bodies: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    bodies.push(await request.text());
    return list.shift() ?? new Response(null, { status: 500 });
  });
  return bodies;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What the dialog does when somebody answers it: whoever asks meanwhile shares the outcome. */
async function answerDialog(proved: boolean): Promise<void> {
  const { useStepUpState } = await import("./step-up");
  await vi.waitUntil(() => useStepUpState.getState().wait !== null);
  useStepUpState.getState().wait?.answer(proved);
}

describe("a request that the server wants proof for", () => {
  it("is sent again, whole, once the person has proved who they are", async () => {
    const bodies = answers(refusal(403, "step_up_required"), new Response("{}", { status: 200 }));
    const sent = sessionFetch(new Request(URL_, { method: "PATCH", body: '{"active":false}' }));
    await answerDialog(true);
    expect((await sent).status).toBe(200);
    expect(bodies).toEqual(['{"active":false}', '{"active":false}']);
  });
  it("stays refused when they give up", async () => {
    const bodies = answers(refusal(403, "step_up_required"));
    const sent = sessionFetch(new Request(URL_, { method: "DELETE" }));
    await answerDialog(false);
    expect((await sent).status).toBe(403);
    expect(bodies).toHaveLength(1);
  });
  it("asks once for several at a time", async () => {
    const [first, second] = [stepUpAsk(), stepUpAsk()];
    await answerDialog(true);
    expect(await Promise.all([first, second])).toEqual([true, true]);
  });
  it("is not asked about for other refusals", async () => {
    answers(refusal(403, "denied"));
    expect((await sessionFetch(new Request(URL_))).status).toBe(403);
  });
});

describe("byte strings of passkeys", () => {
  it("travel as base64url", () => {
    const bytes = Uint8Array.from([251, 255, 190, 0, 1]);
    expect(textOf(bytes.buffer)).toBe("-_--AAE");
    expect([...bytesOf("-_--AAE")]).toEqual([...bytes]);
  });
});
