//! `keys/audit.key`: the secret of the entries' HMACs, 32 random bytes in hex, for its owner's eyes only.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use mc_trail::MacKey;
use rand::RngExt as _;
use zeroize::Zeroizing;

use crate::error::StoreError;

const FILE: &str = "audit.key";

fn failed(error: &std::io::Error) -> StoreError {
    StoreError::AuditKey(format!("keys/{FILE} in the data directory cannot be read or made: {}", error.kind()))
}

/// Reads the key; `None` when there is none.
pub(super) fn read(dir: &Path) -> Result<Option<MacKey>, StoreError> {
    let path = dir.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    // A restored backup may have been unpacked by somebody careless.
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|error| failed(&error))?;
    let mut bytes = Zeroizing::new([0_u8; 32]);
    hex::decode_to_slice(text.trim(), bytes.as_mut_slice())
        .map_err(|_| StoreError::AuditKey(format!("keys/{FILE} in the data directory is damaged: it holds 64 hexadecimal digits")))?;
    Ok(Some(MacKey::new(&bytes)))
}

/// Makes a key.
pub(super) fn make(dir: &Path) -> Result<MacKey, StoreError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    rand::rng().fill(bytes.as_mut_slice());
    let text = Zeroizing::new(hex::encode(bytes.as_slice()) + "\n");
    let written = || {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let part = dir.join("audit.part");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, dir.join(FILE))
    };
    written().map_err(|error| failed(&error))?;
    Ok(MacKey::new(&bytes))
}
