//! Somebody else's server: takes what is posted to it, keeps it, and answers what a test says.
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was posted.
#[derive(Debug, Clone)]
pub struct Posted {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Posted {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How to answer: a status line's end and more header lines.
pub type Answer = Box<dyn FnMut(&Posted) -> (u16, String) + Send>;

/// The server; its threads end with the test's process.
pub struct Sink {
    pub base: String,
    taken: Arc<Mutex<Vec<Posted>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Sink {
    /// Answers 204 to everything.
    pub fn open() -> Sink {
        Sink::answering(|_posted| (204, String::new()))
    }

    pub fn answering(answer: impl FnMut(&Posted) -> (u16, String) + Send + 'static) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(answer)));
        let sink = Sink { base, taken: taken.clone(), answer: answer.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (taken, answer) = (taken.clone(), answer.clone());
                std::thread::spawn(move || while take(&stream, &taken, &answer).is_some() {});
            }
        });
        sink
    }

    /// From now on.
    pub fn answer(&self, answer: impl FnMut(&Posted) -> (u16, String) + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    /// Everything taken so far, and forgets it.
    pub fn empty(&self) -> Vec<Posted> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }
}

/// One request of a connection; nothing when it is over.
fn take(stream: &TcpStream, taken: &Mutex<Vec<Posted>>, answer: &Mutex<Answer>) -> Option<()> {
    // One byte at a time from the buffer's point of view: the next request of the connection is not read ahead,
    // since the sender waits for the answer.
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let posted = Posted { path, headers, body };
    let (status, more) = (answer.lock().unwrap())(&posted);
    taken.lock().unwrap().push(posted);
    write!(&*stream, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\n{more}\r\n").ok()
}
