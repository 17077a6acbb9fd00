//! The program: arguments in, exit code out.

use std::io::ErrorKind;
use std::process::ExitCode;

use floorwalker::cli::{self, Cli};
use floorwalker::runtime::{RunError, logging};
use floorwalker::terminal;
use floorwalker::terminal::print::{Page, Printer};
use floorwalker::transport::http::chain;

fn main() -> ExitCode {
    terminal::no_core_dumps();
    terminal::install_panic_hook();
    // Only fails when a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return answer(&error),
    };
    let runtime = match cli.runtime() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error, 1),
    };
    // As a task of its own it is woken without a detour through the system.
    let ended = runtime.block_on(runtime.spawn(cli::run(cli)));
    logging::flush();
    let code = match ended {
        Ok(Ok(code)) => ExitCode::from(code),
        // Whoever read standard output has read enough.
        Ok(Err(RunError::Output(error))) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Ok(Err(error)) => complain(&error, error.code()),
        Err(error) => complain(&error, 101),
    };
    runtime.shutdown_background();
    code
}

/// Help, or what is wrong with the arguments, which are repeated in it.
fn answer(error: &clap::Error) -> ExitCode {
    let mut out = if error.use_stderr() { Printer::stderr() } else { Printer::stdout() };
    let _ = out.page(&Page::clean(&error.render().to_string()));
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn complain(error: &(dyn std::error::Error + 'static), code: u8) -> ExitCode {
    // Nobody is left to tell when this fails.
    let _ = Printer::stderr().page(&Page::clean(&format!("floorwalker: {}\n", chain(error))));
    ExitCode::from(code)
}
