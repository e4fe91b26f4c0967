"""An SMTP server for tests: STARTTLS and AUTH are required, and each mail is one JSON line on stdout.

Arguments: certificate, key, user, password. Listens on a free loopback port and prints {"port": …} first. SMTP_REFUSE=N refuses the first N
mails for now, as a busy server does. Ends when its standard input does.
"""
import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

certificate, key, user, password = sys.argv[1:5]
refuse = int(os.environ.get("SMTP_REFUSE", "0"))


def say(what):
    print(json.dumps(what), flush=True)


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        global refuse
        if refuse > 0:
            refuse -= 1
            say({"refused": True})
            return "451 try again later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "login": session.auth_data.decode() if session.auth_data else None,
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": parts.get("text/plain"),
            "html": parts.get("text/html"),
        })
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=right, handled=False, auth_data=data.login if right else None)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(Keeper(), tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate, hostname="localhost")
    server = await loop.create_server(make, "127.0.0.1", 0)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
