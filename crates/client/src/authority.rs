//! The certificate authority that the server's certificate is trusted by, for programs that are told whom to trust by its certificate.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Client, Result, trust::Trust};

/// Characters on a line of PEM.
const LINE: usize = 64;

impl Client {
    /// The trusted authorities as PEM; `None` when they are the operating system's. Of a pinned one only the hash is known, so it is the
    /// one by which the server proved who it is.
    ///
    /// # Errors
    /// When the server cannot be reached, or is not trusted.
    pub async fn authority(&self) -> Result<Option<String>> {
        match &self.inner.trust {
            Trust::System => Ok(None),
            Trust::Authorities(certificates) => Ok(Some(certificates.iter().map(|certificate| pem(certificate)).collect())),
            Trust::Pin(_) => {
                if self.inner.noted.vouched().is_none() {
                    self.tls_stream().await?;
                }
                let vouched = self.inner.noted.vouched().ok_or_else(|| self.bad_answer("no authority of its is known"))?;
                Ok(Some(pem(&vouched)))
            }
        }
    }
}

fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(LINE));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    #[test]
    fn pem_reads_back_as_what_was_written() {
        for length in [1, 47, 48, 49, 500] {
            let der: Vec<u8> = (0..length).map(|byte: u32| byte.to_le_bytes()[0]).collect();
            let written = pem(&der);
            assert!(written.lines().all(|line| line.len() <= LINE), "{written}");
            assert_eq!(CertificateDer::from_pem_slice(written.as_bytes()).expect("PEM").as_ref(), der);
        }
    }
}
