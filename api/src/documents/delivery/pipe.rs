//! From a thread that writes to a body that streams: bounded on both sides, and given up when nobody reads.
use std::io::{self, Write};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Bytes gathered before they are handed on.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that wait for the reader.
const CHUNKS_WAITING: usize = 4;
/// A reader that takes nothing for so long is gone: its place is somebody else's.
const STALL: Duration = Duration::from_secs(60);

/// What the body receives: bytes, or that the rest will not come.
pub(super) type Chunk = io::Result<Vec<u8>>;

/// The writing end.
pub(super) struct Pipe {
    chunks: mpsc::Sender<Chunk>,
    home: Handle,
    gathered: Vec<u8>,
}

impl Pipe {
    /// Both ends. The writing one blocks, so it belongs on a thread of its own.
    pub fn open(home: Handle) -> (Pipe, mpsc::Receiver<Chunk>) {
        let (chunks, body) = mpsc::channel(CHUNKS_WAITING);
        (Pipe { chunks, home, gathered: Vec::with_capacity(CHUNK_BYTES) }, body)
    }

    /// Another handle, to say at the end that the rest will not come.
    pub fn sender(&self) -> mpsc::Sender<Chunk> {
        self.chunks.clone()
    }

    fn hand_on(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::replace(&mut self.gathered, Vec::with_capacity(CHUNK_BYTES));
        let sent = self.home.block_on(tokio::time::timeout(STALL, self.chunks.send(Ok(bytes))));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_gone)) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the reader is gone")),
            Err(_elapsed) => Err(io::Error::new(io::ErrorKind::TimedOut, "the reader takes nothing")),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= CHUNK_BYTES {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    /// Parts of a file flush as they end; what is gathered leaves when there is enough of it, or with [`Pipe::finish`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pipe {
    /// Hands the rest on.
    pub fn finish(mut self) -> io::Result<()> {
        self.hand_on()
    }
}
