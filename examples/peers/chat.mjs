// Two people chat at a page: chat.mjs BROWSER PAGE [SCREENSHOT]. Says what each has read in the end.
import { launch } from "./browser.mjs";

const [path, page, picture] = process.argv.slice(2);
const browser = await launch(path);
try {
  const open = async () => {
    const tab = await (await browser.createBrowserContext()).newPage();
    tab.on("pageerror", (error) => process.stderr.write(`${error}\n`));
    await tab.goto(page);
    await tab.waitForFunction(() => document.getElementById("state").textContent === "connected");
    return tab;
  };
  const say = async (tab, name, text) => {
    await tab.type("#name", name);
    await tab.type("#text", text);
    await tab.click("button");
  };
  const reads = (tab, line) => tab.waitForFunction(
    (text) => [...document.querySelectorAll("#said li")].some((item) => item.textContent === text), {}, line);

  const ada = await open();
  const bob = await open();
  await say(ada, "Ada", "Is anybody <b>there</b>?");
  await reads(bob, "Ada: Is anybody <b>there</b>?");
  await say(bob, "Bob", "Ja, grüß dich 🦦");
  await reads(ada, "Bob: Ja, grüß dich 🦦");
  if (picture) await ada.screenshot({ path: picture });
  for (const tab of [ada, bob]) {
    const lines = await tab.$$eval("#said li", (items) => items.map((item) => item.textContent));
    process.stdout.write(lines.join("|") + "\n");
  }
} finally {
  await browser.close();
}
