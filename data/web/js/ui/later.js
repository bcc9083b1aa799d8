// SPDX-License-Identifier: LGPL-2.1-or-later
// Parts of the keyboard's tools that are fetched on their first use.

import {attempt, loadPart, onClick} from './dom.js';

/// Wires the on-screen keyboard's buttons, the toolbar's and that of full screen.
export function mindBoard(store, keyboard) {
    let board = null;
    const turn = ({detail}) => attempt(async () => {
        if (board?.open)
            return board.close();
        const part = await loadPart(() => import('./onscreen.js'), 'board');
        board ??= new part.Board(store, keyboard);
        return board.show({focus: detail === 0}); // by keyboard, which goes on from there
    });
    onClick('board-open', turn);
    onClick('board-full', turn);
}
