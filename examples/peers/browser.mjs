import puppeteer from "puppeteer-core";

/** A browser without a window; without its sandbox, which users of containers are not allowed. */
export const launch = (path) =>
  puppeteer.launch({
    executablePath: path,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"],
  });
