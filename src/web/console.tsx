import { startPage } from "./lib/start.tsx";
import { ConsoleApp } from "./views/console/console-app.tsx";

startPage(ConsoleApp);
