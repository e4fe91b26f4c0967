//! How a mail looks: the same words as plain text and as simple HTML that needs no pictures, scripts or styles from elsewhere.

use secrecy::ExposeSecret as _;

use crate::mail::Mail;

/// The product's name, over and under every mail.
const NAME: &str = "Mission Control";

/// The subject, in one line whatever it was made of.
pub(crate) fn subject(mail: &Mail) -> String {
    mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

/// The mail as plain text.
pub(crate) fn text(mail: &Mail) -> String {
    let mut text = String::new();
    for paragraph in &mail.paragraphs {
        text.push_str(paragraph);
        text.push_str("\n\n");
    }
    if let Some(button) = &mail.button {
        text.push_str(&format!("{}:\n{}\n\n", button.label, button.url.expose_secret()));
    }
    text.push_str(&format!("-- \n{NAME}\n{}\n", mail.footer));
    text
}

/// The mail as HTML.
pub(crate) fn html(mail: &Mail) -> String {
    let mut body = String::new();
    for paragraph in &mail.paragraphs {
        body.push_str(&format!("<p style=\"margin:0 0 16px\">{}</p>\n", escaped(paragraph)));
    }
    if let Some(button) = &mail.button {
        let url = escaped(button.url.expose_secret());
        body.push_str(&format!(
            "<p style=\"margin:24px 0\"><a href=\"{url}\" style=\"background:#2456c8;border-radius:6px;color:#ffffff;display:inline-block;\
             font-weight:600;padding:10px 18px;text-decoration:none\">{}</a></p>\n\
             <p style=\"color:#5b6472;font-size:13px;margin:0 0 16px\">Or open this address:<br>\
             <span style=\"word-break:break-all\">{url}</span></p>\n",
            escaped(&button.label)
        ));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"background:#f4f6f9;color:#1b2330;font:15px/1.5 system-ui,sans-serif;margin:0;padding:24px\">\n\
         <div style=\"background:#ffffff;border:1px solid #dde2ea;border-radius:8px;margin:0 auto;max-width:560px;padding:24px\">\n\
         <p style=\"font-size:17px;font-weight:600;margin:0 0 16px\">{NAME}</p>\n{body}\
         <p style=\"border-top:1px solid #dde2ea;color:#5b6472;font-size:13px;margin:0;padding-top:16px\">{}</p>\n\
         </div>\n</body></html>\n",
        escaped(&subject(mail)),
        escaped(&mail.footer)
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Button;

    fn mail() -> Mail {
        Mail {
            to: "ada@example.org".parse().expect("an address"),
            subject: "Choose a new password".to_owned(),
            paragraphs: vec!["Hello <Ada>,".to_owned(), "somebody asked for a new password.".to_owned()],
            button: Some(Button { label: "Choose a new password".to_owned(), url: "https://mc.example/reset#token=mcp_a&b".into() }),
            footer: "Was it not you? Then do nothing.".to_owned(),
        }
    }

    #[test]
    fn a_mail_as_text() {
        insta::assert_snapshot!(text(&mail()));
    }

    #[test]
    fn a_mail_as_html() {
        insta::assert_snapshot!(html(&mail()));
    }

    #[test]
    fn nothing_in_a_subject_begins_a_header() {
        let mail = Mail { subject: "Hello\r\nBcc: eve@example.org\0".to_owned(), ..mail() };
        assert_eq!(subject(&mail), "Hello  Bcc: eve@example.org ");
    }

    #[test]
    fn what_people_wrote_is_no_html() {
        let mail = Mail { paragraphs: vec!["<script>alert('x')</script>".to_owned()], ..mail() };
        assert!(!html(&mail).contains("<script"));
    }
}
