//! The loop around the interview: ask, store, show, decide. It knows the terminal and no question.

use clap::ArgMatches;
use cofferdam::answers::Answers;
use cofferdam::answers::draft::Draft;
use cofferdam::answers::raw::Origin;
use cofferdam::generate::{Generated, generate};
use cofferdam::interview::{Asking, Interview};
use cofferdam::pack::Pack;
use cofferdam::problem::{Problem, shown};
use cofferdam::questions::{Kind, QUESTIONS, give};

use super::write::Mode;
use crate::Failure;
use crate::prompt::{Prompt, Reply};
use crate::terminal::{self, BOLD, DIM};

/// What the conversation came to.
pub(super) struct Ending {
    /// All answers of the project.
    pub(super) answers: Answers,
    pub(super) generated: Generated,
}

/// What flags say, as the first layer. All of their problems are found together.
pub(super) fn flags(matches: &ArgMatches, pack: &Pack) -> Result<Draft, Failure> {
    let mut draft = Draft::default();
    let mut problems = Vec::new();
    for question in QUESTIONS {
        let Ok(Some(values)) = matches.try_get_many::<String>(question.key) else { continue };
        let separator = if question.key == "exceptions" { ";" } else { "," };
        let text = values.map(String::as_str).collect::<Vec<_>>().join(separator);
        let origin = Origin::Flag(question.flag);
        if let Err(refusal) = question.set(&mut draft, &text, &origin) {
            let what = if text.is_empty() {
                format!("`--{}` is empty", question.flag)
            } else {
                format!("`{}` is {}", question.key, shown(&text))
            };
            problems.push(Problem::new(what, refusal.why, refusal.help).at(origin.place()));
        }
    }
    for entry in matches.get_many::<String>("extra").into_iter().flatten() {
        problems.extend(give(&pack.asked, entry, &mut draft, &Origin::Flag("extra")).err());
    }
    if let Some(preset) = &draft.service.preset
        && let Err(problem) = pack.presets.find(preset, "preset")
    {
        problems.insert(0, problem);
    }
    if problems.is_empty() { Ok(draft) } else { Err(problems.into()) }
}

/// Asks where there is a person, takes the defaults where there is none.
pub(super) fn run(
    interview: &mut Interview<'_>,
    matches: &ArgMatches,
    pack: &Pack,
    whole: impl Fn(&Answers) -> Result<Answers, Failure>,
) -> Result<Ending, Failure> {
    let asks = !matches.get_flag("yes") && terminal::can_ask();
    show_evidence(interview, asks);
    if !asks {
        let answers = whole(&interview.answers()?)?;
        let generated = generate(&answers, pack)?;
        return Ok(Ending { answers, generated });
    }
    let prompt = Prompt::new().map_err(|error| {
        Problem::new("the terminal cannot be used", error.to_string(), "give `--yes` and flags instead")
    })?;
    prompt.line(&format!(
        "{DIM}Enter takes the value in parentheses, Esc goes back, Ctrl-C stops without writing.{DIM:#}\n"
    ));
    let categories = interview.categories();
    let last = if Mode::of(matches) == Mode::Write { "Write them" } else { "Show them" };
    loop {
        ask_all(interview, &prompt)?;
        let result = interview.answers().map_err(Failure::from).and_then(|answers| {
            let answers = whole(&answers)?;
            let generated = generate(&answers, pack)?;
            Ok(Ending { answers, generated })
        });
        let mut items = Vec::new();
        match &result {
            Ok(ending) => {
                show_tree(&prompt, &ending.generated);
                items.push(last.to_owned());
            }
            Err(Failure::Problems(_, problems)) => terminal::complain(problems),
            Err(Failure::Stopped) => return Err(Failure::Stopped),
        }
        let first_more = items.len();
        items.extend(categories.iter().map(|category| format!("More: {}", category.title())));
        items.push("Go back to the last question".to_owned());
        items.push("Stop without writing".to_owned());
        let stop = items.len() - 1;
        match (prompt.select("What now?", &items, 0)?, result) {
            (Some(choice), Ok(ending)) if choice < first_more => return Ok(ending),
            (Some(choice), _) if choice == stop => return Err(Failure::Stopped),
            (Some(choice), _) if (first_more..first_more + categories.len()).contains(&choice) => {
                interview.more = Some(categories[choice - first_more]);
            }
            _ => {
                interview.back();
            }
        }
    }
}

fn ask_all(interview: &mut Interview<'_>, prompt: &Prompt) -> Result<(), Failure> {
    let mut typed = String::new();
    while let Some(asking) = interview.next() {
        if typed.is_empty() {
            // What was replied before going back.
            typed = asking.recalled.clone().unwrap_or_default();
        }
        let Some(reply) = ask(interview, &asking, prompt, &typed)? else {
            if !interview.back() {
                prompt.line("This is the first question.");
            }
            typed.clear();
            continue;
        };
        typed.clear();
        if let Err(problem) = interview.reply(asking.question, &reply, &Origin::Reply) {
            terminal::complain(&[problem]);
            // What was typed is there to be mended.
            typed = reply;
        }
    }
    Ok(())
}

/// The reply, or none to go back.
fn ask(
    interview: &Interview<'_>,
    asking: &Asking<'_>,
    prompt: &Prompt,
    typed: &str,
) -> Result<Option<String>, Failure> {
    let question = asking.question;
    if question.kind == Kind::Text {
        let from = match &asking.origin {
            Origin::Detected(file) => format!("; found in {file}"),
            _ => String::new(),
        };
        let about = question.help.rsplit_once(": `").map_or(question.help, |(about, _)| about).replace('`', "");
        let left = if asking.may_be_left { "; Enter leaves it open" } else { "" };
        let help = format!("{about}; for example {}{from}{left}", interview.example(question));
        return Ok(match prompt.text(question.prompt, &help, asking.default.as_deref(), typed)? {
            Reply::Text(text) => Some(text),
            Reply::Back => None,
        });
    }
    let chosen = asking.recalled.as_deref().or(asking.default.as_deref());
    let left = asking.may_be_left.then(|| (String::new(), "leave it open".to_owned()));
    let choices: Vec<&(String, String)> = left.iter().chain(&asking.choices).collect();
    let item = |(word, title): &(String, String)| match (word.as_str(), title.as_str()) {
        ("", title) => title.to_owned(),
        (word, "") => word.to_owned(),
        (word, title) => format!("{word:<12} {title}"),
    };
    let items: Vec<String> = choices.iter().map(|choice| item(choice)).collect();
    let default = choices.iter().position(|(word, _)| Some(word.as_str()) == chosen).unwrap_or(0);
    let choice = prompt.select(question.prompt, &items, default)?;
    Ok(choice.and_then(|choice| choices.get(choice)).map(|(word, _)| word.clone()))
}

/// What was read from where. Without a person to ask, what they should know comes at the end instead.
fn show_evidence(interview: &Interview<'_>, with_notes: bool) {
    let evidence = interview.evidence();
    if evidence.is_empty() {
        terminal::say("Nothing here says what kind of app this is.");
    } else {
        terminal::say(&format!("{BOLD}Found{BOLD:#}"));
        for (key, value, file) in evidence {
            terminal::say(&format!("  {key:<24} {value:<28} {DIM}{file}{DIM:#}"));
        }
    }
    for note in interview.notes().filter(|_| with_notes) {
        terminal::say(&format!("  {DIM}note:{DIM:#} {note}"));
    }
    terminal::say("");
}

/// Every file that would be written, with its reason.
fn show_tree(prompt: &Prompt, generated: &Generated) {
    prompt.line(&format!("\n{BOLD}These files will be written{BOLD:#}"));
    let files = generated.plan.files.iter().map(|file| (file.path.as_str(), file.why.as_str()));
    let rows: Vec<(&str, &str)> =
        [(cofferdam::answers::file::NAME, "your answers; edit them any time")].into_iter().chain(files).collect();
    prompt.table(&rows);
    prompt.line("");
}
