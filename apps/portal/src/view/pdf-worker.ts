/** The worker of pdf.js, which begins by itself where it is loaded. In a file of ours, because only those may be workers. */
import "pdfjs-dist/build/pdf.worker.min.mjs";
