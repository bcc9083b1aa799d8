// SPDX-License-Identifier: LGPL-2.1-or-later
// Parts of the keyboard's tools that are fetched on their first use.

import {attempt, loadPart, onClick} from './dom.js';

/// Wires the on-screen keyboard's button.
export function mindBoard(store, keyboard) {
    let board = null;
    onClick('board-open', ({detail}) => attempt(async () => {
        if (board?.open)
            return board.close();
        const part = await loadPart(() => import('./onscreen.js'), 'board');
        board ??= new part.Board(store, keyboard);
        return board.show({focus: detail === 0}); // by keyboard, which goes on from there
    }));
}
