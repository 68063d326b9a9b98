//! The real program as a process of its own: started as an operator starts it, killed as a power cut does.
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc;

/// The first start makes RSA keys and fills the demo, here in a build without optimisation on a busy machine.
const START_TIME: Duration = Duration::from_secs(90);
/// What a stop may take (F23), and some room.
const END_TIME: Duration = Duration::from_secs(90);
/// Between two looks at something that happens in another process.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Lines of standard output that nobody has read yet.
const LINES_MAX: usize = 64;
/// End of the log that a failure shows, in characters.
const TAIL_CHARS: usize = 4_000;

/// The program under test: where the runner put it, or where it was built.
pub fn binary() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_ventanilla").map_or_else(|| env!("CARGO_BIN_EXE_ventanilla").into(), PathBuf::from)
}

/// A command of the program in a clean environment: the machine's own settings decide no result, and the program
/// refuses keys that it does not know.
pub fn command(arguments: &[&str], settings: &[(String, String)]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::null());
    in_clean_environment(&mut command, settings);
    command
}

/// Gives a command these settings and none of the machine's.
pub fn in_clean_environment(command: &mut Command, settings: &[(String, String)]) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("VENTANILLA_") || name == "RUST_LOG") {
            command.env_remove(name);
        }
    }
    command.envs(settings.iter().cloned());
}

/// A running program. Dropped, it is killed.
pub struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
    log: PathBuf,
}

impl Process {
    /// Starts the program; its log goes to `log`.
    pub fn spawn(arguments: &[&str], settings: &[(String, String)], log: &Path) -> Process {
        Process::run(command(arguments, settings), log)
    }

    /// The same by a command of a test's own.
    pub fn run(mut command: Command, log: &Path) -> Process {
        command.stdout(Stdio::piped()).stderr(File::create(log).unwrap());
        let mut child = command.spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().unwrap());
        let (say, lines) = mpsc::channel(LINES_MAX);
        // It reads to the end even when nobody listens, so that the program never waits for its own output.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _nobody_listens = say.try_send(line);
            }
        });
        Process { child, lines, log: log.to_owned() }
    }

    /// The first line from here on that `wanted` makes something of.
    pub async fn hear<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + START_TIME;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.lines.recv()).await {
                Ok(Some(line)) => {
                    if let Some(found) = wanted(&line) {
                        return found;
                    }
                }
                Ok(None) => panic!("the program ended ({:?}); its log:\n{}", self.child.wait(), self.tail()),
                Err(_late) => panic!("the program did not say it; its log:\n{}", self.tail()),
            }
        }
    }

    /// The address a server prints last, alone on its line, once it accepts connections.
    pub async fn address(&mut self) -> String {
        self.hear(|line| line.starts_with("http://").then(|| line.to_owned())).await
    }

    /// Its number.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        kill_process(self.pid(), Signal::TERM).expect("the program is alive");
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + END_TIME;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the program does not end; its log:\n{}", self.tail());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Asks it to stop and insists on a clean end.
    pub async fn stop(mut self) {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "the program stopped with {status}; its log:\n{}", self.tail());
    }

    /// The end of its log.
    pub fn tail(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let skipped = log.chars().count().saturating_sub(TAIL_CHARS);
        log.chars().skip(skipped).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Looks again and again until there is something to see, at most `limit`.
pub async fn eventually<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "{what}: not within {} s", limit.as_secs());
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
