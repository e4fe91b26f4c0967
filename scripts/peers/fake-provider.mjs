// A model provider for tests: an OpenAI-style /v1/chat/completions that echoes the last user message as "ECHO: …".
// Listens on a free loopback port (or the one in the first argument) and prints PORT=… . Needs Node, nothing else.
import { createServer } from "node:http";

const BODY_MAX = 16 * 1024 * 1024;
// The gateway puts a note of its own after what the user said; it is not what is echoed.
const INTERNAL = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>";

const textOf = (content) => (typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join(""));

const lastUserText = (messages) => {
  const said = (messages ?? []).filter((message) => message.role === "user").map((message) => textOf(message.content));
  return (said.filter((text) => !text.includes(INTERNAL)).at(-1) ?? said.at(-1) ?? "").slice(-2000);
};

const complete = (request, response) => {
  const text = `ECHO: ${lastUserText(request.messages)}`;
  const words = text.split(/(?<= )/);
  const usage = { prompt_tokens: 100, completion_tokens: words.length, total_tokens: 100 + words.length };
  const common = { id: "echo", created: Math.floor(Date.now() / 1000), model: request.model ?? "echo-1" };
  if (!request.stream) {
    const message = { role: "assistant", content: text };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...common, object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (choices, extra = {}) =>
    response.write(`data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices, ...extra })}\n\n`);
  send([{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }]);
  for (const word of words) send([{ index: 0, delta: { content: word }, finish_reason: null }]);
  send([{ index: 0, delta: {}, finish_reason: "stop" }]);
  if (request.stream_options?.include_usage) send([], { usage });
  response.end("data: [DONE]\n\n");
};

const refuse = (response, status, message) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message } }));
};

const server = createServer((request, response) => {
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") return refuse(response, 404, "only POST /v1/chat/completions");
  const parts = [];
  let size = 0;
  request.on("data", (part) => {
    size += part.length;
    if (size > BODY_MAX) request.destroy();
    else parts.push(part);
  });
  request.on("end", () => {
    try {
      complete(JSON.parse(Buffer.concat(parts).toString("utf8")), response);
    } catch {
      refuse(response, 400, "the body is no JSON");
    }
  });
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(`PORT=${server.address().port}`));
