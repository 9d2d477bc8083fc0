/** Switches between the system's theme, light and dark. */
import { Button } from "@cloudflare/kumo/components/button";
import type { ReactElement } from "react";
import { Icon } from "../display/icon.tsx";
import { text } from "../text.ts";
import { nextTheme, useTheme } from "./theme.ts";

export function ThemeButton(): ReactElement {
  const [theme, choose] = useTheme();
  const label = text.theme.label(text.theme[theme]);
  return (
    <Button
      variant="ghost"
      size="sm"
      shape="square"
      aria-label={label}
      title={label}
      icon={<Icon name={theme} />}
      onClick={() => choose(nextTheme(theme))}
    />
  );
}
