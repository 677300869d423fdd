// Put into chrome://gpu: says what the engine's own report holds. Its texts are read in document
// order, through shadow roots (Chromium 102 builds the page of them, 87 does not), and the text
// after a label is its value. The GPU's part arrives after the load, so it is waited for.
(() => {
    const LABELS = ['Command Line', 'Chrome version', 'GL_VENDOR', 'GL_RENDERER', 'GL_VERSION',
                    'GL_EXTENSIONS', 'Driver Information', 'Disabled Extensions'];
    const WAIT_MS = 5000, LOOK_AGAIN_MS = 100;

    function texts(node, out) {
        if (node.nodeName === 'STYLE' || node.nodeName === 'SCRIPT')
            return out;
        if (node.nodeType === Node.TEXT_NODE && node.data.trim())
            out.push(node.data.trim());
        if (node.shadowRoot)
            texts(node.shadowRoot, out);
        node.childNodes.forEach(child => texts(child, out));
        return out;
    }

    function valueOf(all, name) {
        const i = all.indexOf(name);
        return i < 0 || i + 1 === all.length || LABELS.includes(all[i + 1]) ? null : all[i + 1];
    }

    // What stands between two headings.
    function between(all, from, to) {
        const start = all.indexOf(from), end = all.indexOf(to, start);
        return start < 0 || end < 0 ? [] : all.slice(start + 1, end);
    }

    // "Text", ":", "bug", "Applied Workarounds:", "name" …: an entry of the lists is its text. The
    // browser adds problems of its own, which have neither; they name features with "Disabled".
    function problems(all) {
        const part = between(all, 'Problems Detected', 'ANGLE Features'), found = [];
        for (let i = 0; i < part.length; i++) {
            if (part[i] !== 'Disabled Features:' && part[i] !== 'Applied Workarounds:')
                continue;
            let start = i - 1;
            while (start > 0 && /^(:|,|[0-9]+)$/.test(part[start]))
                start--;
            found.push(part[start]);
        }
        return found;
    }

    const gets = kind => Boolean(document.createElement('canvas').getContext(kind));

    function look(waited) {
        const all = texts(document.documentElement, []);
        const line = valueOf(all, 'Command Line'), renderer = valueOf(all, 'GL_RENDERER');
        if ((!line || !renderer) && waited < WAIT_MS)
            return void setTimeout(look, LOOK_AGAIN_MS, waited + LOOK_AGAIN_MS);
        // "Feature: " and its state stand in pairs up to the next heading.
        const features = {};
        for (let i = 0; i + 1 < all.length && all[i] !== 'Driver Bug Workarounds'; i++)
            if (all[i].endsWith(':'))
                features[all[i].slice(0, -1)] = all[i + 1];
        console.info('webapp ' + JSON.stringify({ event: 'engine', 'command-line': line,
            gl: { vendor: valueOf(all, 'GL_VENDOR'), renderer,
                  version: valueOf(all, 'GL_VERSION') }, features, webgl1: gets('webgl'),
            webgl2: gets('webgl2'), problems: problems(all),
            workarounds: between(all, 'Driver Bug Workarounds', 'Problems Detected') }));
    }
    look(0);
})();
