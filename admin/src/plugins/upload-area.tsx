/** Where a bundle is dropped or picked: shows how far the upload got and every fault the host found. */
import { Meter } from "@cloudflare/kumo/components/meter";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type DragEvent, type ReactElement } from "react";
import { useLocation } from "wouter";
import { pluginsQuery } from "../api/plugins.ts";
import { uploadBundle } from "../api/upload.ts";
import { Icon } from "../display/icon.tsx";
import { plainText } from "../display/plain-text.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { consentPath } from "../plugin/paths.ts";
import { text } from "../text.ts";

export function UploadArea(): ReactElement {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [sent, setSent] = useState(0);
  const [over, setOver] = useState(false);
  const upload = useMutation({
    mutationFn: (file: File) => uploadBundle(file, setSent),
    onMutate: () => setSent(0),
    onSuccess: ({ plugin }) => {
      void client.invalidateQueries({ queryKey: pluginsQuery.queryKey });
      navigate(consentPath(plugin.id));
    },
  });

  const start = (files: FileList | null): void => {
    const file = files?.[0];
    if (file && !upload.isPending) upload.mutate(file);
  };
  const drag = (event: DragEvent): void => {
    event.preventDefault();
    setOver(event.type === "dragover");
  };
  return (
    <div className="stack">
      <label
        className="drop"
        data-over={over}
        onDragOver={drag}
        onDragLeave={drag}
        onDrop={(event) => {
          drag(event);
          start(event.dataTransfer.files);
        }}
      >
        <input
          type="file"
          className="sr-only"
          accept=".gz,.tgz,application/gzip"
          aria-label={text.upload.label}
          disabled={upload.isPending}
          onChange={(event) => {
            start(event.target.files);
            // The same file may be picked again after it was corrected.
            event.target.value = "";
          }}
        />
        <Icon name="upload" size={22} />
        <span>
          <strong>{text.upload.label}</strong>
          <span className="hint">{text.upload.hint}</span>
        </span>
      </label>
      {upload.isPending ? (
        <div role="status">
          <Meter
            label={sent < 1 ? text.upload.sending(plainText(upload.variables.name, 60)) : text.upload.checking}
            value={Math.round(sent * 100)}
          />
        </div>
      ) : null}
      {upload.error ? <ProblemNotice error={upload.error} /> : null}
    </div>
  );
}
