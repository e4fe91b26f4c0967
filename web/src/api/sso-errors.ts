// Why a login or a linking at an identity provider came to nothing, in words. The codes are the server's.

const WORDS: Record<string, string> = {
  not_linked:
    "No account here belongs to you, and none is made by itself. Ask an admin for an invite, or log in and link the provider from your account.",
  no_role: "None of your groups gives you a role here. Ask an admin.",
  no_name: "The provider gives no name that an account here could have. Ask an admin.",
  seats_full: "All seats are taken. Ask an admin to make room.",
  account_disabled: "Your account here is disabled. Ask an admin.",
  link_from_profile: "An account here has your e-mail address. Log in with its password, and link the provider from your account.",
  second_factor_missing: "Your role needs a second factor, and the provider says that you used none.",
  provider_unavailable: "The provider does not answer. Try again in a while, or log in with a password.",
  provider_denied: "The login was refused or given up at the provider.",
  login_expired: "The login took too long. Begin again.",
  ticket_ended: "The linking took too long. Begin again.",
  already_linked: "You are linked to another account at this provider. Unlink that one first.",
  login_first: "You were logged out here meanwhile. Log in, then begin again.",
  identity_taken: "That account at the provider already belongs to somebody else here.",
};

export function ssoErrorText(code: string): string {
  return WORDS[code] ?? `The login with the provider did not work (${code}). Try again, or log in with a password.`;
}
