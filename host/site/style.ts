/**
 * How does the site look? One small stylesheet, served by itself so that the policy needs no `unsafe-inline`. Its address
 * changes with its text, so browsers may keep it for ever.
 */

/** The stylesheet. Colours are pairs for light and dark; everything is sized from the reader's own font size. */
export const STYLE = `:root{color-scheme:light dark;
--paper:light-dark(#fcfbf8,#131416);--ink:light-dark(#1f1d1a,#e6e2da);--soft:light-dark(#66615a,#a39d93);
--line:light-dark(#e4dfd6,#2c2d31);--wash:light-dark(#f3f0e9,#1c1d21);--accent:light-dark(#9a3412,#f0a06a);
--serif:Charter,"Bitstream Charter","Iowan Old Style","Source Serif 4","Sitka Text",Cambria,Georgia,serif;
--sans:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;
--measure:42rem;--gutter:clamp(1.25rem,5vw,2.5rem)}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;background:var(--paper);color:var(--ink);
font:clamp(1.0625rem,0.98rem + 0.35vw,1.1875rem)/1.65 var(--serif);text-rendering:optimizeLegibility;overflow-wrap:break-word}
main{flex:1;width:100%;max-width:calc(var(--measure) + 2*var(--gutter));margin:0 auto;padding:clamp(2rem,6vw,4.5rem) var(--gutter)}
h1,h2,h3,h4,h5,h6{line-height:1.2;text-wrap:balance;font-weight:700;letter-spacing:-0.012em;margin:0}
a{color:inherit;text-decoration-color:var(--accent);text-decoration-thickness:.08em;text-underline-offset:.18em}
a:hover{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:2px}
img{max-width:100%;height:auto;display:block;background:var(--wash)}
.skip{position:absolute;left:-999rem;top:0;padding:.75rem 1rem;background:var(--paper);font-family:var(--sans);z-index:1}
.skip:focus{left:0}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header.site,footer.site{width:calc(100% - 2*var(--gutter));max-width:var(--measure);margin:0 auto;padding:1.5rem 0;
display:flex;justify-content:space-between;align-items:baseline;gap:1rem;font:.9375rem/1.4 var(--sans)}
header.site a,footer.site a{text-decoration:none;display:inline-block;padding:.35rem 0}
header.site .name{font-weight:700;font-size:1.0625rem;letter-spacing:-0.01em}
header.site{border-bottom:1px solid var(--line)}
footer.site{border-top:1px solid var(--line);color:var(--soft)}
nav a{color:var(--soft)}nav a+a{margin-inline-start:1.25rem}
.eyebrow{margin:0 0 .6rem;font:500 .8125rem/1.4 var(--sans);color:var(--soft);letter-spacing:.01em}
.eyebrow a{color:var(--accent);text-decoration:none;margin-inline-start:.75rem}.eyebrow a:hover{text-decoration:underline}
.list-head{padding-bottom:2rem}.list-head h1{font-size:clamp(2rem,1.6rem + 2vw,2.75rem)}
.list article{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem 2rem;padding:2rem 0;border-top:1px solid var(--line)}
.list article:first-child{padding-top:0;border-top:0}
.list h2{font-size:1.375rem}.list h2 a{text-decoration:none}.list h2 a:hover{text-decoration:underline}
.list .summary{margin:.6rem 0 0;color:var(--soft);line-height:1.55}
.list .picture{display:block;align-self:start}
.list .picture img{width:100%;aspect-ratio:16/9;object-fit:cover;border-radius:6px}
.list .lead{padding-bottom:2.75rem}.list .lead .picture{grid-row:1}.list .lead h2{font-size:clamp(1.875rem,1.4rem + 2.2vw,2.75rem);line-height:1.12;letter-spacing:-0.02em}
.list .lead .summary{font-size:1.125em}
@media(min-width:40rem){.list .entry:has(.picture){grid-template-columns:minmax(0,1fr) 12rem}}
.pager{display:grid;grid-template-columns:1fr auto 1fr;gap:1rem;padding-top:2rem;border-top:1px solid var(--line);
font:.9375rem/1.4 var(--sans)}.pager span:last-child{text-align:end}.pager a{color:var(--accent);text-decoration:none}.pager .at{color:var(--soft)}
.post header{margin-bottom:clamp(1.75rem,5vw,2.75rem)}
.post h1,.plain h1{font-size:clamp(2.125rem,1.5rem + 3.2vw,3.5rem);line-height:1.08;letter-spacing:-0.025em}
.lede{margin:1.25rem 0 0;font-size:1.1875em;line-height:1.5;color:var(--soft);text-wrap:pretty}
.featured{width:100%;border-radius:8px;margin-bottom:clamp(1.75rem,5vw,2.75rem)}
.prose>*{margin:0 0 1.25em}.prose>:last-child{margin-bottom:0}
.prose h2,.prose h3,.prose h4,.prose h5,.prose h6{margin:2em 0 .6em}
.prose>:first-child{margin-top:0}
.prose h2{font-size:1.5em}.prose h3{font-size:1.2em}.prose h4,.prose h5,.prose h6{font-size:1em}
.prose p{text-wrap:pretty;hanging-punctuation:first}
.prose ul,.prose ol{padding-inline-start:1.4em}.prose li{margin:.35em 0}.prose li::marker{color:var(--soft)}
.prose li>ul,.prose li>ol{margin:.35em 0}
.prose blockquote{margin-inline:0;padding-inline-start:1.25rem;border-inline-start:3px solid var(--accent);color:var(--soft)}
.prose blockquote p{margin:0 0 .8em}.prose blockquote p:last-child{margin:0}
code{font-family:var(--mono);font-size:.86em;background:var(--wash);padding:.12em .32em;border-radius:4px}
pre{overflow-x:auto;padding:1.1rem 1.25rem;background:var(--wash);border:1px solid var(--line);border-radius:8px;line-height:1.55;tab-size:2}
pre code{background:none;padding:0;font-size:.84em}
.prose hr{border:0;height:1px;background:var(--line);margin:2.75em auto;width:6rem}
figure img{border-radius:8px}figcaption{margin-top:.6rem;font:.875rem/1.5 var(--sans);color:var(--soft)}
.table{overflow-x:auto}table{border-collapse:collapse;width:100%;font:.9375rem/1.5 var(--sans)}
th,td{text-align:start;vertical-align:top;padding:.55rem .9rem .55rem 0;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}
.slot{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem}
.added{padding:1.25rem 1.5rem;background:var(--wash);border-radius:10px;font:.9375rem/1.6 var(--sans);overflow-wrap:anywhere}
.added.prose>*{margin-bottom:.8em}.added.prose>:last-child{margin-bottom:0}
.added h2,.added h3,.added h4,.added h5,.added h6{font-size:1.0625rem;margin:1.4em 0 .5em;letter-spacing:-0.005em}
.added code{background:var(--paper)}.added pre{background:var(--paper)}.added table{font-size:.875rem}
.at-post-before{margin-bottom:clamp(1.75rem,5vw,2.5rem)}.at-post-after{margin-top:clamp(2.5rem,7vw,3.75rem)}
.at-list-before{margin-bottom:clamp(2rem,5vw,2.75rem)}.at-list-after{margin:1rem 0 2rem}
.at-page-footer{width:calc(100% - 2*var(--gutter));max-width:var(--measure);margin:0 auto;padding-bottom:1.5rem}
.at-page-footer .added{padding:1.25rem 0 0;background:none;border-top:1px solid var(--line);border-radius:0;color:var(--soft);font-size:.875rem}
.plain .steps{list-style:none;counter-reset:step;margin:2.75rem 0;padding:0}
.plain .steps li{counter-increment:step;position:relative;padding:0 0 1.75rem 3.25rem}
.plain .steps li::before{content:counter(step);position:absolute;left:0;top:.05em;width:2rem;height:2rem;border:1px solid var(--line);
border-radius:50%;display:grid;place-items:center;font:600 .875rem/1 var(--sans);color:var(--accent)}
.plain .steps h2{font-size:1.1875rem}.plain .steps p{margin:.3rem 0 0;color:var(--soft)}
.plain>p:last-child{margin-top:2rem}
.button{display:inline-block;padding:.7rem 1.25rem;border-radius:8px;background:var(--ink);color:var(--paper);font:600 .9375rem/1.4 var(--sans);text-decoration:none}
.button:hover{background:var(--accent);color:var(--paper)}
@media print{header.site nav,footer.site,.pager,.skip{display:none}body{font-size:11pt}}
`;

/** A name for this text: 32 bits of FNV-1a. It tells versions apart and protects nothing. */
export const STYLE_HASH: string = toFingerprint(STYLE);

/** The address that pages link. */
export const STYLE_PATH: string = `/site.css?v=${STYLE_HASH}`;

function toFingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
