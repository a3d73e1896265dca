// A card in the wrong hands. Four questions, then what the area's table lets the
// driver do about it: that, or less.

import { command, post } from "./api.js";
import { useBearer } from "./next.js";
import { showReceipt } from "./receipts.js";
import { groupChoices, offered } from "./sell.js";
import { $, choose, chosen, close, make, notice, onPress, reasons, show } from "./view.js";
import { say } from "./words.js";

const QUESTIONS = {
  kind: ["personal", "bearer", "company"], other: ["no", "yes"], personal: ["no", "yes"],
  age: ["equal", "lower", "upper"],
};

const answered = () => Object.keys(QUESTIONS).every((q) => chosen($(`misuse-${q}`)));

const inHand = () => ({
  kind: chosen($("misuse-kind")), other: chosen($("misuse-other")) === "yes",
  personal: chosen($("misuse-personal")) === "yes", age: chosen($("misuse-age")),
});

function open() {
  for (const [question, answers] of Object.entries(QUESTIONS)) {
    choose($(`misuse-${question}`), answers.map((value) =>
      ({ value, text: say(`misuse.${question}.${value}`) })), "", drawQuestions);
  }
  ask(true);
  show("misuse");
}

// ask turns between the questions and what may be done.
function ask(questions, advice = {}) {
  $("misuse-questions").hidden = !questions;
  $("misuse-measures").hidden = questions;
  $("misuse-ask").hidden = !questions;
  $("misuse-back").hidden = questions;
  $("misuse-lent").hidden = questions || !advice.bearer;
  $("misuse-confirm").hidden = questions || Boolean(advice.travels);
  $("misuse").querySelector(".body").scrollTo(0, 0);
  drawQuestions();
}

function drawQuestions() {
  $("misuse-ask").disabled = !answered();
}

function drawMeasures(advice, groups) {
  const may = advice.travels ? [advice.bearer ? "misuse.bearer" : "misuse.travels"]
    : [advice.take ? "misuse.may.take" : "misuse.may.not.take",
      advice.charge ? "misuse.may.charge" : "misuse.may.not.charge"];
  $("misuse-advice").replaceChildren(
    ...may.map((key) => make("p", { textContent: say(key) })), reasons(advice.why));
  choose($("misuse-group"), groupChoices(groups, "misuse-group"), groups[0]);
  $("misuse-charge").checked = $("misuse-take").checked = false;
  $("misuse-card").value = "";
  $("misuse-may").hidden = Boolean(advice.travels);
  $("misuse-charge-row").hidden = !advice.charge;
  $("misuse-take-row").hidden = !advice.take;
}

async function advise() {
  const advice = await post("/api/question", { use: inHand() });
  const { groups } = await offered();
  drawMeasures(advice, groups);
  ask(false, advice);
}

async function judge() {
  const judging = { ...inHand() };
  const card = $("misuse-card").value.replace(/\s/g, "");
  if (card) judging.card = card;
  if ($("misuse-charge").checked) {
    judging.charge = true;
    judging.group = chosen($("misuse-group"));
  }
  if ($("misuse-take").checked) judging.take = true;
  const { answer, receipt } = await command("own", { kind: "judge", judge: judging });
  close("misuse");
  notice(answer.held ? say("misuse.held", answer.held) : say("misuse.done"));
  if (receipt) showReceipt(receipt);
}

export function wireMisuse() {
  onPress("misuse-open", async () => open());
  onPress("misuse-ask", advise);
  onPress("misuse-back", async () => ask(true));
  onPress("misuse-confirm", judge);
  onPress("misuse-lent", async () => {
    await useBearer();
    close("misuse");
  });
}
