//! The program, by itself and under strace.

use std::path::Path;
use std::process::{Command, Output};

use crate::engine::Tools;

const CALLS: &str = "mkdir,mkdirat,openat,write,pwrite64,chmod,fchmod,fchmodat,rename,renameat,renameat2,link,linkat,\
                     symlink,symlinkat,unlink,unlinkat,rmdir,fsync,fdatasync,syncfs,truncate,ftruncate,copy_file_range";

pub(super) fn strace(tools: &Tools, root: &Path, command: &[&str], injects: &[&str], log: &Path) -> Command {
    let mut strace = tools.command("strace");
    strace.current_dir(root).args(["-f", "-s", "4096", "-e", &format!("trace={CALLS}")]);
    for inject in injects {
        strace.args(["-e", inject]);
    }
    strace.arg("-o").arg(log).arg(env!("CARGO_BIN_EXE_cofferdam")).args(command);
    strace
}

pub(super) fn struck(tools: &Tools, root: &Path, command: &[&str], injects: &[&str]) -> Result<Output, String> {
    let mut strace = strace(tools, root, command, injects, Path::new("/dev/null"));
    strace.output().map_err(|error| format!("strace: {error}"))
}

pub(super) fn cofferdam(root: &Path, command: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cofferdam")).current_dir(root).args(command).output().unwrap()
}

pub(super) fn ok(root: &Path, command: &[&str]) {
    let run = cofferdam(root, command);
    assert!(run.status.success(), "{command:?}: {}", String::from_utf8_lossy(&run.stderr));
}

pub(super) fn check(root: &Path) -> i32 {
    cofferdam(root, &["check"]).status.code().unwrap_or(-1)
}
