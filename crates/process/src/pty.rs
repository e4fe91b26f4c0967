//! A terminal without a screen: a program on one side, bytes on the other.

use std::{
    fs::File,
    io,
    os::fd::OwnedFd,
    pin::Pin,
    task::{Context, Poll},
};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
    pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::unix::pipe::{Receiver, Sender},
};

/// What the end of the input is on a terminal: Ctrl-D.
pub const END_OF_INPUT: u8 = 4;

/// Our side of a terminal.
#[derive(Debug)]
pub struct Terminal {
    /// What the program says.
    pub output: Output,
    /// What it is told.
    pub input: Sender,
    /// Its size.
    pub size: Size,
}

/// What a program on a terminal says.
#[derive(Debug)]
pub struct Output(Receiver);

/// How large a terminal is.
#[derive(Debug)]
pub struct Size(OwnedFd);

/// Makes a terminal of this size: our side, and the program's.
///
/// # Errors
/// When the system has none left.
pub fn open(columns: u16, rows: u16) -> io::Result<(Terminal, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = openpt(flags)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    // By the descriptor, not by its name: that works in a container that mounts its own /dev/pts as well.
    let theirs = ioctl_tiocgptpeer(&ours, flags)?;
    fcntl_setfl(&ours, fcntl_getfl(&ours)? | OFlags::NONBLOCK)?;
    // A terminal is no pipe, but is read and written as one.
    let output = Output(Receiver::from_file_unchecked(File::from(ours.try_clone()?))?);
    let input = Sender::from_file_unchecked(File::from(ours.try_clone()?))?;
    let size = Size(ours);
    size.set(columns, rows)?;
    Ok((Terminal { output, input, size }, theirs))
}

impl Size {
    /// Changes it; the program is told.
    ///
    /// # Errors
    /// When the program is gone.
    pub fn set(&self, columns: u16, rows: u16) -> io::Result<()> {
        Ok(tcsetwinsize(&self.0, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })?)
    }
}

impl AsyncRead for Output {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.0).poll_read(cx, buf) {
            // That is how a terminal says that the program's side was closed.
            Poll::Ready(Err(error)) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => Poll::Ready(Ok(())),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_program_sees_its_size_and_its_input_and_has_an_end() {
        let (mut terminal, theirs) = open(91, 37).unwrap();
        let side = || std::process::Stdio::from(theirs.try_clone().unwrap());
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", "stty size; read line; echo \"<$line>\"; read line || echo over"]);
        let mut child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
        drop(command);
        drop(theirs);
        terminal.input.write_all(b"hello\n").await.unwrap();
        terminal.input.write_all(&[END_OF_INPUT]).await.unwrap();
        let mut said = String::new();
        terminal.output.read_to_string(&mut said).await.unwrap();
        assert!(child.wait().await.unwrap().success());
        assert!(said.contains("37 91") && said.contains("<hello>") && said.contains("over"), "{said:?}");
    }
}
