/** Which plugins does this installation offer? */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { catalogueQuery } from "../api/catalogue.ts";
import { PageHeader } from "../display/page-header.tsx";
import { QueryView } from "../display/query-view.tsx";
import { text } from "../text.ts";
import { CatalogueCard } from "./catalogue-card.tsx";

export function CataloguePage(): ReactElement {
  const catalogue = useQuery(catalogueQuery);
  return (
    <>
      <PageHeader title={text.catalogue.title} hint={text.catalogue.hint} />
      <QueryView query={catalogue} lines={6}>
        {(items) =>
          items.length === 0 ? (
            <p className="hint">{text.catalogue.empty}</p>
          ) : (
            <ul className="cards">
              {items.map((item) => (
                <CatalogueCard key={item.id} item={item} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </>
  );
}
