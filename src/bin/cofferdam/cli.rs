//! The command line, and nothing else. The flags of `init` and `add` are made from the table of questions.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use cofferdam::cases;
use cofferdam::editors::WRITTEN;
use cofferdam::questions::{Category, Kind, QUESTIONS};
use cofferdam::report;

const AFTER: &str = "\
Exit codes: 0 fine · 1 could not do it · 2 out of date · 3 drift · 4 conflict · 5 damaged state

Start with `cofferdam init` in the folder of an app.";

pub(crate) fn command() -> Command {
    Command::new("cofferdam")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A few answers in, a hardened and verified Kubernetes deployment and Dockerfile out")
        .after_help(AFTER)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            with_questions(
                Command::new("init").about("Look at an app, ask what it cannot know, and write its deployment"),
                true,
            )
            .arg(
                Arg::new("pack")
                    .long("pack")
                    .value_name("FOLDER")
                    .value_parser(value_parser!(PathBuf))
                    .action(ArgAction::Append)
                    .help("A pack of presets and templates to use; several lie on each other, the lowest first"),
            )
            .arg(folder("The app's folder")),
        )
        .subcommand(
            with_questions(Command::new("add").about("Add one more service to the project"), false)
                .arg(project())
                .arg(folder("The service's folder")),
        )
        .subcommand(
            Command::new("generate")
                .about("Write everything again from cofferdam.yaml; edits by hand survive")
                .arg(folder("The project's folder"))
                .arg(
                    Arg::new("markers")
                        .long("markers")
                        .action(ArgAction::SetTrue)
                        .help("Where you and the templates differ, write both between markers"),
                )
                .arg(
                    Arg::new("downgrade")
                        .long("downgrade")
                        .action(ArgAction::SetTrue)
                        .help("Even if a newer version wrote the project"),
                )
                .args(preview()),
        )
        .subcommand(
            Command::new("check")
                .about("Say whether the files are what cofferdam.yaml and this version would write")
                .arg(folder("The project's folder"))
                .arg(json()),
        )
        .subcommand(
            Command::new("diff")
                .about("Show what `generate` would change")
                .arg(folder("The project's folder"))
                .arg(
                    Arg::new("explain")
                        .long("explain")
                        .action(ArgAction::SetTrue)
                        .help("Say what is new since the version that wrote the project, why, and what it does here"),
                )
                .arg(json()),
        )
        .subcommand(
            Command::new("resolve")
                .about("Decide about what is in conflict, field by field, and about files that you deleted")
                .arg(files(false))
                .arg(Arg::new("take").long("take").action(ArgAction::SetTrue).help("Take what the templates have now"))
                .arg(Arg::new("keep").long("keep").action(ArgAction::SetTrue).help("Keep yours, as it is"))
                .group(ArgGroup::new("decision").args(["take", "keep"]))
                .arg(
                    Arg::new("field")
                        .long("field")
                        .value_name("FIELD")
                        .action(ArgAction::Append)
                        .requires("decision")
                        .help("Only this field, as `check` names it"),
                )
                .arg(project().id("dir")),
        )
        .subcommand(
            Command::new("restore")
                .about("Write what the templates have for a file, whatever became of it")
                .arg(files(true))
                .arg(project().id("dir")),
        )
        .subcommand(
            Command::new("release")
                .about("Take a file over: it is neither written nor compared any more")
                .arg(files(true))
                .arg(project().id("dir")),
        )
        .subcommand(
            Command::new("adopt")
                .about("Let cofferdam manage a file that was there before, or that was released; what is in it stays")
                .arg(files(true))
                .arg(project().id("dir")),
        )
        .subcommand(
            Command::new("undo")
                .about("Take back the last run that wrote; again, the one before it")
                .arg(folder("The project's folder"))
                .arg(dry_run().help("Say what would be taken back, and write nothing")),
        )
        .subcommand(
            Command::new("explain")
                .about("Say why a rule, a preset, a key or a line is there, and what breaks without it")
                .arg(
                    Arg::new("thing")
                        .value_name("THING")
                        .help("A rule, a preset, a key of cofferdam.yaml, or FILE:LINE")
                        .required_unless_present("list"),
                )
                .arg(
                    Arg::new("list")
                        .long("list")
                        .action(ArgAction::SetTrue)
                        .help("List everything that can be explained"),
                ),
        )
        .subcommand(
            Command::new("preset")
                .about("List, show and test the app types, begin a pack of your own, and fetch packs")
                .subcommand_required(true)
                .subcommand(Command::new("list").about("List the presets").arg(json()))
                .subcommand(
                    Command::new("show")
                        .about("Show what a preset brings")
                        .arg(Arg::new("id").value_name("PRESET").required(true).help("The preset's name"))
                        .arg(
                            Arg::new("origin")
                                .long("origin")
                                .action(ArgAction::SetTrue)
                                .help("Say which pack each value, each template and each block comes from"),
                        )
                        .arg(
                            Arg::new("sees")
                                .long("sees")
                                .action(ArgAction::SetTrue)
                                .conflicts_with("origin")
                                .help("Show what templates see of its first case, as JSON"),
                        )
                        .arg(json()),
                )
                .subcommand(
                    Command::new("test")
                        .about("Hold the cases of a pack against what they are expected to give")
                        .arg(
                            Arg::new("pack")
                                .value_name("PACK")
                                .default_value(".")
                                .value_parser(value_parser!(PathBuf))
                                .help("The pack's folder"),
                        )
                        .arg(
                            Arg::new("update")
                                .long("update")
                                .action(ArgAction::SetTrue)
                                .help("Take everything as it is now for what is expected"),
                        )
                        .arg(
                            Arg::new("review")
                                .long("review")
                                .action(ArgAction::SetTrue)
                                .conflicts_with("update")
                                .help("The same, asking about each file"),
                        )
                        .arg(
                            Arg::new("format")
                                .long("format")
                                .value_name("FORMAT")
                                .value_parser(cases::FORMATS.iter().map(|format| format.name).collect::<Vec<_>>())
                                .help("How to report"),
                        ),
                )
                .subcommand(
                    Command::new("new")
                        .about("Begin a pack with one preset, one case and what it gives")
                        .arg(
                            Arg::new("folder")
                                .value_name("FOLDER")
                                .required(true)
                                .value_parser(value_parser!(PathBuf))
                                .help("Where it goes: a folder that is new or empty"),
                        )
                        .arg(Arg::new("name").long("name").value_name("NAME").help("Its name, if not the folder's")),
                )
                .subcommand(
                    Command::new("fetch")
                        .about("Get the packs of git repositories into the project, as they are there now")
                        .arg(folder("The project's folder"))
                        .arg(dry_run().help("Say what would be fetched, and write nothing")),
                ),
        )
        .subcommand(
            Command::new("schema").about("Print the JSON Schema of a file that people write, for editors").arg(
                Arg::new("file")
                    .value_name("FILE")
                    .default_value(WRITTEN[0].name)
                    .value_parser(WRITTEN.iter().map(|written| written.name).collect::<Vec<_>>())
                    .help("Which of them; a preset is called what its type is, and its schema preset.yaml"),
            ),
        )
        .subcommand(
            Command::new("completions").about("Print a shell's completions").arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .value_parser(value_parser!(clap_complete::Shell))
                    .help("The shell"),
            ),
        )
        .subcommand(Command::new("man").about("Print the manual page"))
}

/// One flag for each question, under its category.
fn with_questions(command: Command, begins_project: bool) -> Command {
    let mut command = command
        .arg(Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Ask nothing; take every default"))
        .args(preview())
        .arg(
            Arg::new("extra")
                .long("extra")
                .value_name("KEY=ANSWER")
                .action(ArgAction::Append)
                .help("An answer to what a pack asks"),
        );
    for question in QUESTIONS.iter().filter(|question| begins_project || question.category != Category::Project) {
        let help = question.help.replace('`', "");
        let mut arg = Arg::new(question.key)
            .long(question.flag)
            .value_name("VALUE")
            .help(format!("{} {help}", question.prompt))
            .help_heading(question.category.title().split(':').next().unwrap_or_default())
            .allow_hyphen_values(true)
            // Given twice, a list flag adds up.
            .action(ArgAction::Append);
        if let Kind::Choice(words) = question.kind {
            arg = arg.help(format!("{} [{}]", question.prompt, words.join(", ")));
        }
        command = command.arg(arg);
    }
    command
}

fn files(required: bool) -> Arg {
    Arg::new("path").value_name("PATH").required(required).num_args(1..).help("Files as `check` names them")
}

fn folder(help: &'static str) -> Arg {
    Arg::new("dir").value_name("DIR").default_value(".").value_parser(value_parser!(PathBuf)).help(help)
}

fn project() -> Arg {
    Arg::new("root")
        .long("root")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .help("The project's folder, where it is not found above DIR")
}

fn preview() -> [Arg; 2] {
    [
        dry_run().help("Say what would be written, and write nothing"),
        Arg::new("diff").long("diff").action(ArgAction::SetTrue).help("Show the difference that writing would make"),
    ]
}

fn dry_run() -> Arg {
    Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue)
}

fn json() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Report as JSON")
}

/// The format that `--json` asks for.
pub(crate) fn format(matches: &ArgMatches) -> &'static report::Format {
    let name = if matches.get_flag("json") { "json" } else { "text" };
    report::ALL.iter().find(|format| format.name == name).unwrap_or(&report::ALL[0])
}
