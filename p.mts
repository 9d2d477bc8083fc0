import { fuzz } from "./tests/sql/fuzz.ts";
const t=performance.now();
const r = await fuzz({seed:Number(process.argv[2]??1),statements:Number(process.argv[3]??20000)});
console.log({...r,disagreements:r.disagreements.length}, performance.now()-t);
const seen=new Set(); for (const d of r.disagreements){ const k=d.about.join(); if(seen.has(k)) continue; seen.add(k); console.log(d); if(seen.size>15)break; }
