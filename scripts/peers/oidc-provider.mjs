// An OpenID provider for tests (npm oidc-provider): anybody logs in with a name and any password, and is what the accounts say.
// Argument, JSON: {clients: […], accounts: {NAME: {claims}}, access_life: SECONDS, port}. Prints ISSUER=… . OIDC_MODULES names its node_modules.
// POST /control {accounts} replaces the accounts while it runs: somebody who is not among them any more is refused a refresh.
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { Provider } = await import(pathToFileURL(join(process.env.OIDC_MODULES, "oidc-provider/lib/index.js")).href);
const given = JSON.parse(process.argv[2] || "{}");
let accounts = given.accounts ?? {};

// Without accounts everybody exists, with an address of their own.
const claimsOf = (name) => (Object.keys(accounts).length ? accounts[name] : { email: `${name}@example.org`, email_verified: true });

const body = async (request) => {
  let text = "";
  for await (const piece of request) text += piece;
  return JSON.parse(text || "{}");
};

const server = createServer();
await new Promise((ready) => server.listen(given.port ?? 0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: given.clients ?? [],
  claims: {
    openid: ["sub", "amr"],
    profile: ["name", "preferred_username"],
    email: ["email", "email_verified"],
    groups: ["groups"],
  },
  scopes: ["openid", "offline_access", "profile", "email", "groups"],
  // Groups and addresses stand in the ID token, as other providers put them there.
  conformIdTokenClaims: false,
  cookies: { keys: ["only-for-tests"] },
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    revocation: { enabled: true },
  },
  // Its own way to fetch refuses loopback, where the tests live.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, name) => claimsOf(name) && { accountId: name, claims: () => ({ sub: name, ...claimsOf(name) }) },
  issueRefreshToken: (_, client, code) => client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: given.access_life ?? 3600, IdToken: 3600, RefreshToken: 86400, Session: 86400, Grant: 86400, Interaction: 3600 },
});
// How somebody proves who they are there stands in the account, as amr.
const finish = provider.interactionFinished.bind(provider);
provider.interactionFinished = (request, response, result, options) => {
  const amr = result.login && claimsOf(result.login.accountId)?.amr;
  return finish(request, response, amr ? { ...result, login: { ...result.login, amr } } : result, options);
};
provider.on("server_error", (_, error) => console.error(error));
provider.on("backchannel.error", (_, error, client) => console.error("backchannel.error", client.clientId, error));

const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.method !== "POST" || request.url !== "/control") return answer(request, response);
  accounts = (await body(request)).accounts ?? accounts;
  response.end("{}");
});
console.log(`ISSUER=${issuer}`);
