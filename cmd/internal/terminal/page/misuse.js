// Misuse of a card: four questions, then the sanctions that the area's table lets
// the driver take.

import { command, post } from "./api.js";
import { useBearer } from "./next.js";
import { showReceipt } from "./receipts.js";
import { fetchOffer, groupChoices } from "./sell.js";
import { $, choose, chosen, close, make, notice, onPress, reasons, show } from "./view.js";
import { say, term } from "./words.js";

const QUESTIONS = {
  kind: ["personal", "bearer", "company"], other: ["no", "yes"], personal: ["no", "yes"],
  age: ["equal", "lower", "upper"],
};

const allAnswered = () => Object.keys(QUESTIONS).every((q) => chosen($(`misuse-${q}`)));

const cardUse = () => ({
  kind: chosen($("misuse-kind")), other: chosen($("misuse-other")) === "yes",
  personal: chosen($("misuse-personal")) === "yes", age: chosen($("misuse-age")),
});

function open() {
  for (const [question, answers] of Object.entries(QUESTIONS)) {
    const kind = question === "kind" ? question : `misuse.${question}`;
    choose($(`misuse-${question}`), answers.map((value) => ({ value, text: term(kind, value) })), "",
      drawQuestions);
  }
  showQuestions(true);
  show("misuse");
}

// showQuestions shows the questions, or the advice.
function showQuestions(questions, advice = {}) {
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
  $("misuse-ask").disabled = !allAnswered();
}

function drawSanction(advice, groups) {
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

async function showAdvice() {
  const advice = await post("/api/question", { use: cardUse() });
  const { groups } = await fetchOffer();
  drawSanction(advice, groups);
  showQuestions(false, advice);
}

async function reportMisuse() {
  const report = { ...cardUse() };
  const card = $("misuse-card").value.replace(/\s/g, "");
  if (card) report.card = card;
  if ($("misuse-charge").checked) {
    report.charge = true;
    report.group = chosen($("misuse-group"));
  }
  if ($("misuse-take").checked) report.take = true;
  const { answer, receipt } = await command("own", { kind: "judge", judge: report });
  close("misuse");
  notice(answer.held ? say("misuse.held", answer.held) : say("misuse.done"));
  if (receipt) showReceipt(receipt);
}

export function wireMisuse() {
  onPress("misuse-open", async () => open());
  onPress("misuse-ask", showAdvice);
  onPress("misuse-back", async () => showQuestions(true));
  onPress("misuse-confirm", reportMisuse);
  onPress("misuse-lent", async () => {
    await useBearer();
    close("misuse");
  });
}
