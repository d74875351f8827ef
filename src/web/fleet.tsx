import { startPage } from "./lib/start.tsx";
import { FleetApp } from "./views/fleet/fleet-app.tsx";

startPage(FleetApp);
