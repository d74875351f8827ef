import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { confirm } from "../../../components/confirm.tsx";
import { TextField } from "../../../components/field.tsx";
import { Icon } from "../../../components/icons.tsx";
import { Menu, MenuItem } from "../../../components/menu.tsx";
import { Badge, Progress } from "../../../components/status.tsx";
import { Notice, attempt, toast } from "../../../components/toast.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { consoleText } from "../../../i18n/console-text.ts";
import { post, urlOf } from "../../../lib/api.ts";
import { formatBytes, formatDuration, formatRate } from "../../../lib/format.ts";
import { msd } from "../device-state.ts";
import type { StoredImage } from "../device-state.ts";
import { mayControl } from "../input/input.ts";
import { mayUpload } from "./file-drop.tsx";
import { dismissUpload, uploadFiles, uploadFromUrl, uploads } from "./upload.ts";
import type { Upload } from "./upload.ts";

type DriveKind = "cdrom" | "flash" | "flash-rw";

/** What an image most likely is. */
const kindOf = (name: string): DriveKind => (/\.iso$/i.test(name) ? "cdrom" : "flash");

async function plugIn(name: string, kind: DriveKind): Promise<void> {
  if (msd.value.isConnected) await eject();
  await post("/api/msd/set_params", {
    query: { image: name, cdrom: kind === "cdrom", rw: kind === "flash-rw" },
  });
  await post("/api/msd/set_connected", { query: { connected: true } });
  toast(consoleText.t("media.connected", { name }), "ok");
}

function eject(): Promise<unknown> {
  return post("/api/msd/set_connected", { query: { connected: false } });
}

async function remove({ name }: StoredImage): Promise<void> {
  const { t } = consoleText;
  const question = { title: t("media.delete"), text: t("media.deleteText", { name }) };
  const isSure = await confirm({
    ...question,
    action: commonText.t("action.delete"),
    isDangerous: true,
  });
  if (isSure) await post("/api/msd/remove", { query: { image: name } });
}

function Drive(): JSX.Element {
  const { t } = consoleText;
  const { image, imageSize, isConnected, isCdrom, isReadWrite, isBusy } = msd.value;
  const kind = t(isCdrom ? "media.cdrom" : isReadWrite ? "media.flash-rw" : "media.flash");
  return (
    <section class="card stack" aria-label={t("media.drive")}>
      <div class="row">
        <Icon name={isCdrom ? "disc" : "drive"} />
        <h3 class="grow">{t("media.drive")}</h3>
        <Badge tone={isConnected ? "ok" : undefined}>
          {t(isConnected ? "media.isConnected" : "media.isEmpty")}
        </Badge>
      </div>
      {isConnected && (
        <>
          <p class="name">
            {image}
            <span class="muted"> {`${formatBytes(imageSize)} · ${kind}`}</span>
          </p>
          {mayControl() && (
            <Button icon="eject" busy={isBusy} onClick={() => attempt(eject)}>
              {t("media.eject")}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function ImageRow({ image }: { readonly image: StoredImage }): JSX.Element {
  const { t } = consoleText;
  const { name, size, isComplete, isRemovable } = image;
  const { isBusy, isConnected, image: plugged } = msd.value;
  const isPlugged = isConnected && plugged === name;
  const canPlug = mayControl() && isComplete && !isPlugged;
  const plug = (kind: DriveKind) => (): void => attempt(() => plugIn(name, kind));
  return (
    <li class="image">
      <span class="grow">
        <span class="name">{name}</span>
        <span class="muted small">
          {formatBytes(size)}
          {!isComplete && ` · ${t("media.incomplete")}`}
          {isPlugged && ` · ${t("media.isConnected")}`}
        </span>
      </span>
      {mayControl() && (
        <Button disabled={!canPlug || isBusy} onClick={plug(kindOf(name))}>
          {t("media.connect")}
        </Button>
      )}
      {mayControl() && (
        <Menu label={t("media.more", { name })} icon="more" kind="ghost" align="end">
          <MenuItem icon="disc" disabled={!canPlug} onSelect={plug("cdrom")}>
            {t("media.asCdrom")}
          </MenuItem>
          <MenuItem icon="drive" disabled={!canPlug} onSelect={plug("flash")}>
            {t("media.asFlash")}
          </MenuItem>
          <MenuItem icon="edit" disabled={!canPlug} onSelect={plug("flash-rw")}>
            {t("media.asFlashRw")}
          </MenuItem>
          <hr />
          <MenuItem icon="download" href={urlOf("/api/msd/read", { image: name })} isDownload>
            {t("media.download")}
          </MenuItem>
          <MenuItem
            icon="trash"
            danger
            disabled={!isRemovable || isPlugged}
            onSelect={() => attempt(() => remove(image))}
          >
            {t("media.delete")}
          </MenuItem>
        </Menu>
      )}
    </li>
  );
}

function detailOf({ state, sent, size, speed, problem }: Upload): string {
  const { t } = consoleText;
  if (state === "failed") return problem === "" ? t("upload.cancelled") : problem;
  if (state === "waiting") return t("upload.waiting");
  if (state === "done") return t("upload.done");
  const amount = `${formatBytes(sent)} / ${formatBytes(size)}`;
  if (speed === undefined || speed <= 0) return amount;
  return `${amount} · ${formatRate(speed)} · ${formatDuration((size - sent) / speed)}`;
}

function UploadRow({ upload }: { readonly upload: Upload }): JSX.Element {
  const { t } = consoleText;
  const { id, name, size, sent, state } = upload;
  const isOver = state === "done" || state === "failed";
  const share = size > 0 ? sent / size : undefined;
  return (
    <li class="upload">
      <div class="row">
        <Icon name={state === "failed" ? "alert" : state === "done" ? "check" : "upload"} />
        <span class="grow name">{name}</span>
        <Button
          kind="ghost"
          icon="close"
          label={t(isOver ? "upload.dismiss" : "upload.cancel")}
          onClick={() => dismissUpload(id)}
        />
      </div>
      {!isOver && (
        <Progress value={state === "waiting" ? 0 : share} label={t("upload.progress", { name })} />
      )}
      <span
        class={state === "failed" ? "problem small" : "muted small"}
        role={isOver ? "status" : undefined}
      >
        {detailOf(upload)}
      </span>
    </li>
  );
}

function FromUrl(): JSX.Element {
  const { t } = consoleText;
  const [url, setUrl] = useState("");
  const isAddress = /^https?:\/\/\S+$/.test(url.trim());
  return (
    <form
      class="row bottom"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isAddress) return;
        uploadFromUrl(url.trim());
        setUrl("");
      }}
    >
      <div class="grow">
        <TextField
          label={t("upload.url")}
          value={url}
          onInput={setUrl}
          type="url"
          placeholder="https://"
        />
      </div>
      <Button type="submit" icon="download" disabled={!isAddress}>
        {t("upload.fetch")}
      </Button>
    </form>
  );
}

function Uploader(): JSX.Element {
  const { t } = consoleText;
  return (
    <section class="stack" aria-label={t("upload")}>
      <label class="drop">
        <Icon name="upload" />
        <span>{t("upload.drop")}</span>
        <input
          class="unseen"
          type="file"
          multiple
          onChange={(event) => {
            uploadFiles(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
          }}
        />
      </label>
      <FromUrl />
      {uploads.value.length > 0 && (
        <ul class="stack">
          {uploads.value.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The drive that the computer sees, and the images that can be put into it. */
export function MediaPanel(): JSX.Element {
  const { t } = consoleText;
  const { isOnline, images, free, size } = msd.value;
  if (!isOnline) return <Notice tone="warn">{t("media.offline")}</Notice>;
  return (
    <>
      <Drive />
      {mayUpload() && <Uploader />}
      <section class="stack" aria-label={t("media.images")}>
        <div class="row">
          <h3 class="grow">{t("media.images")}</h3>
          <span class="muted small">{t("media.free", { free: formatBytes(free) })}</span>
        </div>
        {size > 0 && <Progress value={1 - free / size} label={t("media.used")} />}
        {images.length === 0 && <p class="muted">{t("media.none")}</p>}
        <ul class="images">
          {images.map((image) => (
            <ImageRow key={image.name} image={image} />
          ))}
        </ul>
      </section>
    </>
  );
}
