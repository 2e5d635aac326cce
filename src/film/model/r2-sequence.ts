/** Steps across and down of the R2 sequence (Roberts 2018), which spreads places evenly and never in lines. */
export const [r2Across, r2Down] = [0.754_877_666_246_692_7, 0.569_840_290_998_053_2] as const;
