//! Dockerfile text to instructions that remember their lines.

use parse_dockerfile::Instruction;

use crate::problem::{Place, Problem};

#[derive(Clone, Debug)]
pub struct Dockerfile {
    pub path: String,
    /// What its head tells the builder, by name.
    pub directives: Vec<Directive>,
    pub stages: Vec<Stage>,
}

/// `# syntax=docker/dockerfile:1` (<https://docs.docker.com/reference/dockerfile/#parser-directives>).
#[derive(Clone, Debug)]
pub struct Directive {
    pub line: usize,
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug)]
pub struct Stage {
    pub base: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    pub line: usize,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub line: usize,
    pub kind: StepKind,
}

#[derive(Clone, Debug)]
pub enum StepKind {
    User(String),
    Expose(Vec<String>),
    /// `exec` tells the form: words, or a line for a shell.
    Entrypoint {
        exec: bool,
    },
    Cmd {
        exec: bool,
    },
    Healthcheck,
    Add,
    Env(String),
    Arg(String),
    Other,
}

impl Dockerfile {
    /// The stage that becomes the image.
    pub fn last(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// Whether a base is a stage of this file.
    pub fn is_stage(&self, base: &str) -> bool {
        self.stages.iter().any(|stage| stage.name.as_deref() == Some(base))
    }
}

fn directives(text: &str) -> Vec<Directive> {
    let read = |(index, line): (usize, &str)| {
        let (name, value) = line.trim().strip_prefix('#')?.split_once('=')?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_name.then_some(Directive { line: index + 1, name, value })
    };
    text.lines().enumerate().map_while(read).collect()
}

pub fn parse(path: &str, text: &str) -> Result<Dockerfile, Problem> {
    let refused = |error: String| {
        Problem::new("this Dockerfile cannot be read", error, "check it with `docker build --check`")
            .at(Some(Place::Path(path.to_owned())))
    };
    let parsed = parse_dockerfile::parse(text).map_err(|error| refused(error.to_string()))?;
    let line_of = |offset: usize| text.get(..offset).unwrap_or_default().matches('\n').count() + 1;
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in &parsed.instructions {
        if let Instruction::From(from) = instruction {
            stages.push(Stage {
                base: from.image.value.to_string(),
                name: from.as_.as_ref().map(|(_, name)| name.value.to_string()),
                line: line_of(from.from.span.start),
                steps: Vec::new(),
            });
            continue;
        }
        let (offset, kind) = step(instruction);
        if let Some(stage) = stages.last_mut() {
            stage.steps.push(Step { line: line_of(offset), kind });
        }
    }
    if stages.is_empty() {
        return Err(refused("there is no FROM".to_owned()));
    }
    Ok(Dockerfile { path: path.to_owned(), directives: directives(text), stages })
}

/// Where an instruction begins.
pub(crate) fn offset(instruction: &Instruction<'_>) -> usize {
    match instruction {
        Instruction::From(from) => from.from.span.start,
        other => step(other).0,
    }
}

fn step(instruction: &Instruction<'_>) -> (usize, StepKind) {
    let exec = |command: &parse_dockerfile::Command<'_>| matches!(command, parse_dockerfile::Command::Exec(_));
    match instruction {
        Instruction::User(user) => (user.user.span.start, StepKind::User(user.arguments.value.to_string())),
        Instruction::Expose(expose) => (
            expose.expose.span.start,
            StepKind::Expose(expose.arguments.iter().map(|port| port.value.to_string()).collect()),
        ),
        Instruction::Entrypoint(entry) => {
            (entry.entrypoint.span.start, StepKind::Entrypoint { exec: exec(&entry.arguments) })
        }
        Instruction::Cmd(cmd) => (cmd.cmd.span.start, StepKind::Cmd { exec: exec(&cmd.arguments) }),
        Instruction::Healthcheck(check) => (check.healthcheck.span.start, StepKind::Healthcheck),
        Instruction::Add(add) => (add.add.span.start, StepKind::Add),
        Instruction::Env(env) => (env.env.span.start, StepKind::Env(env.arguments.value.to_string())),
        Instruction::Arg(arg) => (arg.arg.span.start, StepKind::Arg(arg.arguments.value.to_string())),
        Instruction::Run(run) => (run.run.span.start, StepKind::Other),
        Instruction::Copy(copy) => (copy.copy.span.start, StepKind::Other),
        Instruction::From(from) => (from.from.span.start, StepKind::Other),
        Instruction::Label(label) => (label.label.span.start, StepKind::Other),
        Instruction::Maintainer(maintainer) => (maintainer.maintainer.span.start, StepKind::Other),
        Instruction::Onbuild(onbuild) => (onbuild.onbuild.span.start, StepKind::Other),
        Instruction::Shell(shell) => (shell.shell.span.start, StepKind::Other),
        Instruction::Stopsignal(signal) => (signal.stopsignal.span.start, StepKind::Other),
        Instruction::Volume(volume) => (volume.volume.span.start, StepKind::Other),
        Instruction::Workdir(folder) => (folder.workdir.span.start, StepKind::Other),
        _ => (0, StepKind::Other),
    }
}
